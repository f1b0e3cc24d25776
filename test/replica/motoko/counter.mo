import Prim "mo:⛔";

/// A canister as Motoko's compiler makes it: stable variables, timers, awaits, composite queries, inspection and cleanup.
actor class Counter(start : Nat) = self {
    stable var count : Nat = start;
    stable var upgrades : Nat = 0;
    var ticks : Nat = 0;

    public query func get() : async Nat { count };
    public query func tickCount() : async Nat { ticks };
    public query func upgradeCount() : async Nat { upgrades };
    public query ({ caller }) func whoami() : async Principal { caller };
    public composite query func getThrough(other : Counter) : async Nat { await other.get() };

    public func increment() : async Nat { count += 1; count };
    public func incrementAndTrap() : async Nat { count += 100; assert false; count };
    public func incrementTwice(other : Counter) : async Nat {
        ignore await other.increment();
        count += 1;
        await other.increment();
    };

    /// What is written before an await stays; what follows a trap in the callee is caught.
    public func caught(other : Counter) : async (Text, Text) {
        count += 10;
        try { ignore await other.incrementAndTrap(); ("answered", "") } catch (error) {
            let code = switch (Prim.errorCode(error)) { case (#canister_error) "canister_error"; case _ "other" };
            (code, Prim.errorMessage(error));
        };
    };

    public func trapAfterAwait() : async Nat { ignore await increment(); count += 1000; assert false; count };
    public func allocate(items : Nat) : async Nat { Prim.Array_init<Nat>(items, 7).size() };
    public func accept() : async Nat { Prim.cyclesAccept<system>(1_000_000) };
    public func pay(other : Counter) : async (Nat, Nat) {
        Prim.cyclesAdd<system>(5_000_000);
        let accepted = await other.accept();
        (accepted, Prim.cyclesRefunded());
    };
    public func entropy() : async Blob { await (actor "aaaaa-aa" : actor { raw_rand : () -> async Blob }).raw_rand() };
    public func guarded(_ : Text) : async () {};
    public func startTicking() : async () {
        ignore Prim.setTimer<system>(1_000_000_000, true, func() : async () { ticks += 1 });
    };

    system func preupgrade() { upgrades += 1 };
    system func postupgrade() { upgrades += 1 };
};
