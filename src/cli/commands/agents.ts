import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { BadRootKey, NetworkUnreachable } from '../../client/agent';
import { BadConfig } from '../../client/config_problems';
import { BadKeyFile } from '../../client/key_file';
import { AlreadyRunning } from '../../client/process_lock';
import { PortTaken, startGateway, type GatewayConfigInput } from '../../gateway';
import { runNode, type NodeConfigInput } from '../../node';
import { NoApiKey, NoRootKey, NoStateMachine, parseValidatorConfig, runValidator, TooShort } from '../../validator';
import { untilInterrupted } from './interrupt';

export type AgentKind = 'node' | 'validator' | 'gateway';

/** What a user can mend: shown without a stack. */
const EXPECTED = [
    AlreadyRunning,
    BadConfig,
    BadKeyFile,
    BadRootKey,
    NetworkUnreachable,
    NoApiKey,
    NoRootKey,
    NoStateMachine,
    PortTaken,
    SyntaxError,
    TooShort
];
/** Codes of the system for what a user can mend: a file that is not there or not readable, a port that is taken. */
const EXPECTED_CODES = ['ENOENT', 'EACCES', 'EISDIR', 'EADDRINUSE'];

/** `emc node|validator|gateway run --config FILE`: until Ctrl-C; exits 2 for a configuration that cannot be used. */
export function runAgentCommand(kind: AgentKind, configFile: string): Promise<void> {
    return untilEnd(configFile, async () => runAgent(kind, JSON.parse(await readFile(configFile, 'utf8')) as unknown));
}

/** The same with a configuration that is there already; `origin` names where it comes from. */
export function runConfigured(kind: AgentKind, config: unknown, origin: string): Promise<void> {
    return untilEnd(origin, () => runAgent(kind, config));
}

async function untilEnd(origin: string, work: () => Promise<void>): Promise<void> {
    try {
        await work();
        process.exit(0);
    } catch (failure) {
        const isExpected = isOfSystem(failure) || EXPECTED.some((kindOf) => failure instanceof kindOf);
        console.error(isExpected && failure instanceof Error ? `${origin}: ${failure.message}` : failure);
        process.exit(isExpected ? 2 : 1);
    }
}

async function runAgent(kind: AgentKind, config: unknown): Promise<void> {
    const interrupted = untilInterrupted();
    if (kind === 'gateway') {
        const gateway = await startGateway(config as GatewayConfigInput);
        console.log(`Gateway ready at ${gateway.url}/v1; Ctrl-C stops it.`);
        await interrupted;
        return gateway.close();
    }
    const stop = new AbortController();
    void interrupted.then(() => stop.abort());
    if (kind === 'node') return runNode(config as NodeConfigInput, stop.signal);
    const parsed = parseValidatorConfig(config);
    if (!parsed.ok) throw new BadConfig(parsed.error);
    return runValidator(parsed.value, stop.signal, pino({ name: 'validator' }));
}

function isOfSystem(failure: unknown): boolean {
    return failure instanceof Error && 'code' in failure && EXPECTED_CODES.includes(String(failure.code));
}
