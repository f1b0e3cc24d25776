/** Runs in the browser: a form for each method of a canister, and what it answers. */
import { Actor, AnonymousIdentity, HttpAgent, type ActorSubclass, type Identity } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { parseDid } from '../candid/did_parser';
import { argumentInput } from './argument_input';
import { element } from './dom';

/** What the page tells of its canister, as JSON in the element `canister`. */
interface PageData {
    readonly canisterId: string;
    readonly did: string;
}

type Methods = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;

class CandidPage {
    readonly #agent: HttpAgent;
    readonly #canisterId: string;
    readonly #principal = element('code', { id: 'principal' });

    constructor(agent: HttpAgent, canisterId: string) {
        this.#agent = agent;
        this.#canisterId = canisterId;
    }

    render(root: HTMLElement, did: string): void {
        const title = 'A key is made from the name. Everybody can make the same: it is for tests.';
        const name = element('input', { placeholder: 'anonymous', id: 'caller', title });
        name.addEventListener('change', () => void this.#callAs(name.value));
        const caller = element('p', {}, [element('label', { title }, ['Call as ', name]), ' ', this.#principal]);
        root.replaceChildren(caller, ...parseDid(did).methods.map(([method, type]) => this.#form(method, type)));
        void this.#callAs('');
    }

    async #callAs(name: string): Promise<void> {
        const identity = name === '' ? new AnonymousIdentity() : await identityOf(name);
        this.#agent.replaceIdentity(identity);
        this.#principal.textContent = identity.getPrincipal().toText();
    }

    #form(name: string, type: IDL.FuncClass): HTMLElement {
        const inputs = type.argTypes.map(argumentInput);
        const isQuery = type.annotations.some((mode) => mode.endsWith('query'));
        const button = element('button', {}, [isQuery ? 'Query' : 'Call']);
        const result = element('output');
        const form = element('form', { id: name }, [
            element('h2', {}, [name, ' ', element('small', {}, [type.display()])]),
            ...inputs.map(rendered),
            button,
            result
        ]);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            const args: unknown[] = inputs.map((input) => input.parse());
            result.textContent = '';
            if (args.includes(undefined)) return;
            button.disabled = true;
            void this.#answer(name, type, args).then(({ text, isError }) => {
                result.textContent = text;
                result.className = isError ? 'error' : 'reply';
                button.disabled = false;
            });
        });
        return form;
    }

    async #answer(name: string, type: IDL.FuncClass, args: readonly unknown[]): Promise<Answer> {
        const target = { agent: this.#agent, canisterId: this.#canisterId };
        try {
            const actor: Methods = Actor.createActor(() => IDL.Service({ [name]: type }), target);
            return { text: replyText(type, await actor[name]?.(...args)), isError: false };
        } catch (error) {
            return { text: error instanceof Error ? error.message : String(error), isError: true };
        }
    }
}

interface Answer {
    readonly text: string;
    readonly isError: boolean;
}

function rendered(input: ReturnType<typeof argumentInput>): HTMLElement {
    const holder = element('div', { className: 'argument-holder' });
    input.render(holder);
    return holder;
}

/** In Candid's text form. */
function replyText({ retTypes }: IDL.FuncClass, reply: unknown): string {
    const values = retTypes.length > 1 && Array.isArray(reply) ? reply : [reply];
    return `(${retTypes.map((type, i) => type.valueToString(values[i])).join(', ')})`;
}

async function identityOf(name: string): Promise<Identity> {
    const seed = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name));
    return Ed25519KeyIdentity.generate(new Uint8Array(seed));
}

async function main(): Promise<void> {
    const root = document.getElementById('methods');
    const text = document.getElementById('canister')?.textContent;
    if (root === null || text === undefined || text === null) return;
    const { canisterId, did } = JSON.parse(text) as PageData;
    const agent = await HttpAgent.create({ host: location.origin, shouldFetchRootKey: true });
    try {
        new CandidPage(agent, canisterId).render(root, did);
    } catch (error) {
        root.textContent = `The interface cannot be read: ${String(error)}`;
    }
}

void main();
