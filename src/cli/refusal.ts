import { CommandFailed } from './command_failed';

type ArmOf<E> = E extends E ? keyof E : never;
type DetailOf<E, Arm extends PropertyKey> = E extends { readonly [Name in Arm]: infer Detail } ? Detail : never;

/** One sentence for each way in which a canister may refuse: a new arm does not compile until it has one. */
export type Explanations<E> = { readonly [Arm in ArmOf<E>]: (detail: DetailOf<E, Arm>) => string };

/** The canister's answer. @throws {@link CommandFailed} with the sentence of its refusal. */
export function expectDone<T, E extends object>(answer: { Ok: T } | { Err: E }, explain: Explanations<E>): T {
    if ('Ok' in answer) return answer.Ok;
    const [arm, detail] = Object.entries(answer.Err)[0] ?? ['', undefined];
    const sentences = explain as Readonly<Record<string, ((detail: unknown) => string) | undefined>>;
    throw new CommandFailed(sentences[arm]?.(detail) ?? arm);
}

/** Arms that every command may meet. */
export const COMMON = {
    Paused: () => 'The network is paused by its operators and takes nothing new: try again later.',
    Anonymous: () => 'The network took the call for an anonymous one.',
    InvalidArgument: (reason: string) => `The network does not accept the call: ${reason}.`,
    TemporarilyUnavailable: (peer: string) => `The network is busy (${peer}): nothing was lost, try again.`
} as const;
