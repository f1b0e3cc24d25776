/** A command could not do what its user asked; the message says why, the hints what to do about it. Exit code 1. */
export class CommandFailed extends Error {
    constructor(
        message: string,
        readonly hints: readonly string[] = []
    ) {
        super(message);
        this.name = 'CommandFailed';
    }
}
