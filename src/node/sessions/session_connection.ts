import { z } from 'zod';
import { KNOWN_CALLS_HEADER, sessionPath, type GatewayFrame, type NodeFrame } from '../../core/compute/session_wire';
import { parseJson } from '../../core/json';
import { LineConnection, type LineEnd } from './line_connection';
import type { HeldSession } from './ports';

const id = z.int().positive();
const maxUnits = z.string().regex(/^\d{1,20}$/);

const Frame = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('call'), id, input: z.string(), maxUnits, whole: z.literal(true).optional() }),
    z.object({ kind: z.literal('cancel'), id }),
    z.object({
        kind: z.literal('receipt'),
        calls: z.array(id),
        signature: z.string().regex(/^[0-9a-f]{128}$/),
        total: z
            .object({
                calls: z.int().nonnegative(),
                units: maxUnits,
                digest: z.string().regex(/^[0-9a-f]{64}$/)
            })
            .optional()
    })
]);

/** One line from the holder of a session to the gateway that calls. */
export class SessionConnection {
    private readonly line: LineConnection;

    /** `proof` is the value of the `authorization` header, see {@link proveLine}. */
    constructor({ sessionId, replyUrl }: HeldSession, proof: string, knownCalls: number) {
        const headers = { authorization: proof, [KNOWN_CALLS_HEADER]: knownCalls };
        this.line = new LineConnection(replyUrl, sessionPath(sessionId), headers);
    }

    send(frame: NodeFrame): void {
        this.line.send(frame);
    }

    /** Hands over what the gateway says until either side ends the line, or `take` says that it should. Never throws. */
    run(take: (frame: GatewayFrame) => boolean, signal: AbortSignal): Promise<LineEnd> {
        const takeText = (text: string): boolean => {
            const frame = Frame.safeParse(parseJson(text));
            return frame.success && take(frame.data);
        };
        return this.line.run(takeText, signal);
    }
}
