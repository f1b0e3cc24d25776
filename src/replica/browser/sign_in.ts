/** Runs in the browser: signs test users in, in place of Internet Identity. */
import { delegate, readMessage, ready, testUser, type SignInRequest } from './sign_in_requests';
import { element } from './dom';

interface Waiting {
    readonly request: SignInRequest;
    readonly source: Window;
    readonly origin: string;
}

/** Names that have been used here, for the next time. */
const storageKey = 'names';

function storedNames(): readonly string[] {
    const names: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '["alice","bob"]');
    return Array.isArray(names) ? names.map(String) : [];
}

class SignInPage {
    readonly #root: HTMLElement;
    #waiting: Waiting | undefined;

    constructor(root: HTMLElement) {
        this.#root = root;
    }

    listen(): void {
        window.addEventListener('message', (event: MessageEvent<unknown>) => {
            const source = event.source as Window | null;
            if (source === null || source === window) return;
            const { origin } = event;
            const incoming = readMessage(event.data, origin);
            if (incoming.kind === 'answer') source.postMessage(incoming.message, origin);
            if (incoming.kind === 'sign_in') this.#ask({ request: incoming.request, source, origin });
        });
        const opener = window.opener as Window | null;
        opener?.postMessage(ready, '*');
    }

    #ask(waiting: Waiting): void {
        this.#waiting = waiting;
        const name = element('input', { id: 'name', placeholder: 'another name' });
        const form = element('form', {}, [name, ' ', element('button', {}, ['Sign in'])]);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            if (name.value !== '') void this.#signIn(name.value);
        });
        const known = storedNames().map((text) => {
            const button = element('button', { className: 'name' }, [text]);
            button.addEventListener('click', () => void this.#signIn(text));
            return button;
        });
        const who = element('p', {}, ['Sign in to ', element('code', {}, [waiting.request.origin]), ' as']);
        this.#root.replaceChildren(who, element('p', {}, known), form);
    }

    async #signIn(name: string): Promise<void> {
        if (this.#waiting === undefined) return;
        const { request, source, origin } = this.#waiting;
        this.#waiting = undefined;
        localStorage.setItem(storageKey, JSON.stringify([...new Set([name, ...storedNames()])].slice(0, 10)));
        const user = await testUser(name, request.origin);
        const chain = await delegate(user, request, Date.now());
        const principal = element('code', { id: 'principal' }, [user.getPrincipal().toText()]);
        this.#root.replaceChildren(element('p', {}, [`Signed in as ${name}: `, principal]));
        source.postMessage(request.answer(chain), origin);
    }
}

const root = document.getElementById('sign-in');
if (root !== null) new SignInPage(root).listen();
