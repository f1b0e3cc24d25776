import { IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { callRemote, remoteMethod, type CallFailure } from '../../../src/azle/c2c';
import type { PeerDirectory } from '../../../src/azle/peers';
import type { CandidResult, Result } from '../../../src/core/result';
import { RESULT_STATUSES, type OpenRequest, type ResultRecord } from '../domain/outbox';
import type { OpenAnswer, OpenRefusal } from '../domain/submit';

type Opt<T> = [] | [T];

const MS_PER_S = 1_000n;

const Payer = IDL.Variant({ Principal: IDL.Principal, ApiKey: IDL.Vec(IDL.Nat8) });

interface OpenArgs {
    request_id: bigint;
    payer: { Principal: Principal } | { ApiKey: Uint8Array };
    app_id: string;
    max_credits: bigint;
}

interface OpenErrors {
    Paused?: null;
    Unauthorized?: null;
    KeyNotFound?: null;
    KeyRevoked?: null;
    AppNotAllowed?: null;
    RateLimited?: { retry_after_s: bigint };
    KeyLimitReached?: { left: bigint };
    InsufficientCredits?: { available: bigint };
    DuplicateRequest?: null;
    InvalidArgument?: string;
    TemporarilyUnavailable?: string;
}

const OpenRequestArgs = IDL.Record({ request_id: IDL.Nat64, payer: Payer, app_id: IDL.Text, max_credits: IDL.Nat64 });

const OpenAnswerIdl = IDL.Variant({
    Ok: IDL.Record({ owner: IDL.Principal, nodes: IDL.Opt(IDL.Vec(IDL.Principal)) }),
    Err: IDL.Variant({
        Unauthorized: IDL.Null,
        KeyNotFound: IDL.Null,
        KeyRevoked: IDL.Null,
        AppNotAllowed: IDL.Null,
        RateLimited: IDL.Record({ retry_after_s: IDL.Nat64 }),
        KeyLimitReached: IDL.Record({ left: IDL.Nat64 }),
        InsufficientCredits: IDL.Record({ available: IDL.Nat64 }),
        DuplicateRequest: IDL.Null,
        InvalidArgument: IDL.Text,
        TemporarilyUnavailable: IDL.Text
    })
});

const openRequestMethod = remoteMethod<
    [OpenArgs],
    CandidResult<{ owner: Principal; nodes: Opt<Principal[]> }, OpenErrors>
>('c2c_open_request', [OpenRequestArgs], OpenAnswerIdl);

const openPrepaidMethod = remoteMethod<
    [OpenArgs, Principal],
    CandidResult<{ owner: Principal; nodes: Opt<Principal[]> }, OpenErrors>
>('c2c_open_prepaid', [OpenRequestArgs, IDL.Principal], OpenAnswerIdl);

interface FundErrors {
    Unauthorized?: null;
    NotFound?: null;
    AlreadyRecorded?: null;
    TemporarilyUnavailable?: string;
}

const fundPurseMethod = remoteMethod<[bigint, Principal], CandidResult<null, FundErrors>>(
    'c2c_fund_purse',
    [IDL.Nat64, IDL.Principal],
    IDL.Variant({
        Ok: IDL.Null,
        Err: IDL.Variant({
            Paused: IDL.Null,
            Unauthorized: IDL.Null,
            NotFound: IDL.Null,
            AlreadyRecorded: IDL.Null,
            TemporarilyUnavailable: IDL.Text
        })
    })
);

interface RecordArgs {
    request_id: bigint;
    node: Opt<Principal>;
    status: Partial<Record<ResultRecord['status'], null>>;
    credits_used: bigint;
    receipt: Opt<Uint8Array>;
}

interface RecordErrors {
    Unauthorized?: null;
    NotFound?: null;
    AlreadyRecorded?: null;
    CreditsExceedReservation?: null;
    BadReceipt?: null;
    NodeNotAllowed?: null;
    InvalidArgument?: string;
    TemporarilyUnavailable?: string;
}

const RecordAnswers = IDL.Vec(
    IDL.Variant({
        Ok: IDL.Null,
        Err: IDL.Variant({
            Unauthorized: IDL.Null,
            NotFound: IDL.Null,
            AlreadyRecorded: IDL.Null,
            CreditsExceedReservation: IDL.Null,
            BadReceipt: IDL.Null,
            NodeNotAllowed: IDL.Null,
            InvalidArgument: IDL.Text,
            TemporarilyUnavailable: IDL.Text
        })
    })
);

const recordResultsMethod = remoteMethod<[RecordArgs[]], CandidResult<null, RecordErrors>[]>(
    'c2c_record_results',
    [
        IDL.Vec(
            IDL.Record({
                request_id: IDL.Nat64,
                node: IDL.Opt(IDL.Principal),
                status: IDL.Variant(Object.fromEntries(RESULT_STATUSES.map((status) => [status, IDL.Null]))),
                credits_used: IDL.Nat64,
                receipt: IDL.Opt(IDL.Vec(IDL.Nat8))
            })
        )
    ],
    RecordAnswers
);

/** Asks the hub to hold a job's credits. The same question again gets the same answer. */
export function openRequest(peers: PeerDirectory, request: OpenRequest): Promise<OpenAnswer> {
    const hub = peers.get('hub');
    if (hub === undefined) {
        return Promise.resolve(refused({ kind: 'TemporarilyUnavailable', reason: 'the hub is unknown' }));
    }
    const { payer, purse } = request;
    const args: OpenArgs = {
        request_id: request.requestId,
        payer: payer.kind === 'Principal' ? { Principal: payer.who } : { ApiKey: payer.keyHash },
        app_id: request.appId,
        max_credits: request.maxCredits
    };
    const asked =
        purse === undefined
            ? callRemote(hub, openRequestMethod, [args])
            : callRemote(hub, openPrepaidMethod, [args, purse]);
    return asked.then(toOpenAnswer);
}

function toOpenAnswer(
    answer: Result<CandidResult<{ owner: Principal; nodes: Opt<Principal[]> }, OpenErrors>, CallFailure>
): OpenAnswer {
    if (answer.ok) return 'Ok' in answer.value ? held(answer.value.Ok) : fromOpenError(answer.value.Err);
    const reason = 'the hub did not answer';
    return answer.error.outcome === 'unknown'
        ? { kind: 'Unknown', reason }
        : refused({ kind: 'TemporarilyUnavailable', reason });
}

function held({ owner, nodes }: { owner: Principal; nodes: Opt<Principal[]> }): OpenAnswer {
    return { kind: 'Held', owner, nodes: nodes[0] };
}

function refused(error: OpenRefusal): OpenAnswer {
    return { kind: 'Refused', error };
}

function fromOpenError(errors: OpenErrors): OpenAnswer {
    if (errors.InsufficientCredits !== undefined) {
        return refused({ kind: 'InsufficientCredits', available: errors.InsufficientCredits.available });
    }
    if (errors.RateLimited !== undefined) {
        return refused({ kind: 'RateLimited', retryAfterMs: errors.RateLimited.retry_after_s * MS_PER_S });
    }
    if (errors.KeyLimitReached !== undefined) {
        return refused({ kind: 'KeyLimitReached', leftCredits: errors.KeyLimitReached.left });
    }
    if (errors.AppNotAllowed !== undefined) return refused({ kind: 'AppNotAllowed' });
    if (errors.KeyNotFound !== undefined) return refused({ kind: 'KeyNotFound' });
    if (errors.KeyRevoked !== undefined) return refused({ kind: 'KeyRevoked' });
    return refused({ kind: 'TemporarilyUnavailable', reason: `hub: ${Object.keys(errors).join()}` });
}

/** `Recorded`: for good. `Refused`: for good too, the hub has another view. `Retry`: nobody knows, or not now. */
export type RecordAnswer = 'Recorded' | 'Refused' | 'Retry';

/** Tells the hub how requests ended; an answer for each, in their order. The same record again is the same success. */
export function recordResults(
    peers: PeerDirectory,
    results: readonly ResultRecord[]
): Promise<readonly RecordAnswer[]> {
    const hub = peers.get('hub');
    if (hub === undefined) return Promise.resolve(results.map(() => 'Retry'));
    return callRemote(hub, recordResultsMethod, [results.map(toRecordArgs)]).then((answer) =>
        results.map((_result, index) => (answer.ok ? toRecordAnswer(answer.value[index]) : 'Retry'))
    );
}

function toRecordArgs(result: ResultRecord): RecordArgs {
    return {
        request_id: result.requestId,
        node: result.node === undefined ? [] : [result.node],
        status: { [result.status]: null },
        credits_used: result.creditsUsed,
        receipt: result.receipt === undefined ? [] : [result.receipt]
    };
}

function toRecordAnswer(answer: CandidResult<null, RecordErrors> | undefined): RecordAnswer {
    if (answer === undefined) return 'Retry';
    if ('Ok' in answer) return 'Recorded';
    return 'TemporarilyUnavailable' in answer.Err || 'Unauthorized' in answer.Err ? 'Retry' : 'Refused';
}

/** Moves the price of a compute socket to its purse. The same question again gets the same answer. */
export async function fundPurse(peers: PeerDirectory, requestId: bigint, purse: Principal): Promise<RecordAnswer> {
    const hub = peers.get('hub');
    if (hub === undefined) return 'Retry';
    const answer = await callRemote(hub, fundPurseMethod, [requestId, purse]);
    if (!answer.ok) return 'Retry';
    if ('Ok' in answer.value) return 'Recorded';
    return 'TemporarilyUnavailable' in answer.value.Err || 'Unauthorized' in answer.value.Err ? 'Retry' : 'Refused';
}
