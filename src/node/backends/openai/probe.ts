import { z } from 'zod';
import type { ServerState } from '../probed';
import type { BackendServer } from '../server';

const Models = z.object({ data: z.array(z.object({ id: z.string() })) });
const LlamaProps = z.object({ total_slots: z.int().positive() });

/** A server that takes longer for a look is too busy for more work. */
const LOOK_MS = 3_000;

/**
 * Looks whether the server has the model, and what it tells of its load beside the OpenAI interface: llama.cpp its slots
 * (`/props`), vLLM the length of its queue (`vllm:num_requests_waiting` in `/metrics`).
 */
export async function probeOpenAi(server: BackendServer, model: string): Promise<ServerState> {
    const { baseUrl } = server.options;
    const root = baseUrl.replace(/\/v1$/, '');
    const [models, slots, waiting] = await Promise.all([
        look(server, `${baseUrl}/models`).then((response) => response?.json()),
        look(server, `${root}/props`).then(slotsOf),
        look(server, `${root}/metrics`).then(waitingOf)
    ]);
    const listed = Models.safeParse(models);
    // Some servers list no models, or one file's path; only a list that names others speaks against it.
    const isUp =
        listed.success && (listed.data.data.length <= 1 || listed.data.data.some(({ id }) => isSame(id, model)));
    return { isUp, slots, waiting };
}

/** Ollama lists `name:latest` for `name`. */
function isSame(id: string, model: string): boolean {
    return id === model || id === `${model}:latest`;
}

async function look(server: BackendServer, url: string): Promise<Response | undefined> {
    try {
        const response = await fetch(url, { headers: server.headers(), signal: AbortSignal.timeout(LOOK_MS) });
        if (response.ok) return response;
        await response.body?.cancel();
        return undefined;
    } catch {
        return undefined;
    }
}

async function slotsOf(response: Response | undefined): Promise<number | undefined> {
    const props = LlamaProps.safeParse(await response?.json().catch(() => undefined));
    return props.success ? props.data.total_slots : undefined;
}

async function waitingOf(response: Response | undefined): Promise<number | undefined> {
    const text = (await response?.text().catch(() => '')) ?? '';
    const samples = [...text.matchAll(/^vllm:num_requests_waiting(?:\{[^}]*\})? ([0-9.e+]+)$/gm)];
    return samples.length === 0 ? undefined : samples.reduce((sum, [, value]) => sum + Number(value), 0);
}
