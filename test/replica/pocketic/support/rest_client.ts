/** PocketIC's REST interface spoken by hand, for what `@dfinity/pic` 0.23 does not say. */
import { Body, parseJson } from '../../../../src/replica/pocketic/json';

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A subnet in an instance's configuration. */
export const fresh = { state_config: 'New' };

export interface RestAnswer {
    readonly status: number;
    readonly text: string;
    readonly body: Body;
}

/** Sends JSON; numbers of any length are kept in the answer. */
export async function send(
    url: string,
    body?: unknown,
    method = body === undefined ? 'GET' : 'POST'
): Promise<RestAnswer> {
    const answer = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    const isObject = text.startsWith('{');
    return { status: answer.status, text, body: new Body(isObject ? parseJson(Buffer.from(text)) : {}) };
}

/** One instance of a server. */
export interface RestInstance {
    readonly id: number;
    readonly url: string;
    readonly created: Body;
    delete(): Promise<void>;
}

/** Makes an instance; throws with the server's message when it refuses. */
export async function newInstance(server: string, subnets: object, options: object = {}): Promise<RestInstance> {
    const answer = await send(`${server}/instances`, { subnet_config_set: subnets, ...options });
    const refusal = answer.body.optionalObject('Error')?.text('message');
    if (refusal !== undefined) throw new RefusedError(refusal);
    const created = answer.body.object('Created');
    const id = Number(created.nat('instance_id'));
    const url = `${server}/instances/${id}`;
    return { id, url, created, delete: async () => void (await send(url, undefined, 'DELETE')) };
}

/** The server's own words. */
export class RefusedError extends Error {}

/** Kind of each subnet by its id. */
export function kindsOf(topology: Body): ReadonlyMap<string, string> {
    const configs = topology.object('subnet_configs');
    const ids = Object.keys(JSON.parse(JSON.stringify(topology.get('subnet_configs'))) as object);
    return new Map(ids.map((id) => [id, configs.object(id).text('subnet_kind')]));
}
