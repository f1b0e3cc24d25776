/**
 * What a canister says that it certifies of a request and its answer: the subset of the Common Expression Language that the HTTP
 * gateway protocol specification defines ("Response Verification", header `IC-CertificateExpression`).
 */

/** Names in lower case. `only` these headers are certified, or all `except` them. */
export interface HeaderSelection {
    readonly kind: 'only' | 'except';
    readonly names: ReadonlySet<string>;
}

/** Names in lower case. */
export interface RequestSelection {
    readonly headers: ReadonlySet<string>;
    readonly queryParameters: ReadonlySet<string>;
}

/** What an expression says. */
export type CertificationRule =
    /** The canister certifies that it certifies nothing. */
    | { readonly kind: 'nothing' }
    /** `request` is undefined when the answer is the same whatever was asked. */
    | { readonly kind: 'response'; readonly request: RequestSelection | undefined; readonly response: HeaderSelection };

/** Undefined when the text is no `default_certification` of the specification. */
export function parseCertificationRule(text: string): CertificationRule | undefined {
    const value = parseExpression(text);
    const args = value?.kind === 'call' && value.name === 'default_certification' ? value.items : [];
    const fields = args.length === 1 ? objectFields(args[0], 'ValidationArgs') : undefined;
    const certification = fields && oneOf(fields, 'no_certification', 'certification');
    if (certification === undefined) return undefined;
    return certification.name === 'no_certification' ? { kind: 'nothing' } : responseRule(certification.value);
}

function responseRule(value: Expression): CertificationRule | undefined {
    const fields = objectFields(value, 'Certification');
    const asked = fields && oneOf(fields, 'no_request_certification', 'request_certification');
    const response = headerSelection(objectFields(fields?.get('response_certification'), 'ResponseCertification'));
    if (asked === undefined || response === undefined) return undefined;
    if (asked.name === 'no_request_certification') return { kind: 'response', request: undefined, response };
    const request = requestSelection(objectFields(asked.value, 'RequestCertification'));
    return request && { kind: 'response', request, response };
}

function requestSelection(fields: Fields | undefined): RequestSelection | undefined {
    const headers = texts(fields?.get('certified_request_headers'));
    const queryParameters = texts(fields?.get('certified_query_parameters'));
    return headers && queryParameters && { headers, queryParameters };
}

function headerSelection(fields: Fields | undefined): HeaderSelection | undefined {
    const chosen = fields && oneOf(fields, 'certified_response_headers', 'response_header_exclusions');
    const names = chosen && texts(objectFields(chosen.value, 'ResponseHeaderList')?.get('headers'));
    return names && { kind: chosen.name === 'certified_response_headers' ? 'only' : 'except', names };
}

type Fields = ReadonlyMap<string, Expression>;
type Expression =
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'object'; readonly name: string; readonly fields: Fields }
    /** A list is a call without a name. */
    | { readonly kind: 'call' | 'list'; readonly name: string; readonly items: readonly Expression[] };

function objectFields(value: Expression | undefined, name: string): Fields | undefined {
    return value?.kind === 'object' && value.name === name ? value.fields : undefined;
}

/** The one that is there; undefined for both and for none. */
function oneOf(fields: Fields, first: string, second: string): { name: string; value: Expression } | undefined {
    const name = fields.has(first) ? first : second;
    const value = fields.get(name);
    return value === undefined || (fields.has(first) && fields.has(second)) ? undefined : { name, value };
}

function texts(value: Expression | undefined): ReadonlySet<string> | undefined {
    if (value?.kind !== 'list') return undefined;
    const found = value.items.flatMap((item) => (item.kind === 'text' ? [item.text.toLowerCase()] : []));
    return found.length === value.items.length ? new Set(found) : undefined;
}

/** Deeper ones have no meaning here. */
const maxDepth = 12;

function parseExpression(text: string): Expression | undefined {
    const tokens = tokensOf(text);
    const parser = tokens && new ExpressionParser(tokens);
    const value = parser?.value(maxDepth);
    return parser?.atEnd === true ? value : undefined;
}

/** Names, quoted texts with their first quote, and punctuation; undefined for anything else. */
function tokensOf(text: string): readonly string[] | undefined {
    const tokens: string[] = [];
    const pattern = /\s*(?:([A-Za-z_]\w*|[(){}[\]:,])|("[^"\\]*)")|\s+$/y;
    while (pattern.lastIndex < text.length) {
        const match = pattern.exec(text);
        if (match === null) return undefined;
        const token = match[1] ?? match[2];
        if (token !== undefined) tokens.push(token);
    }
    return tokens;
}

class ExpressionParser {
    readonly #tokens: readonly string[];
    #next = 0;

    constructor(tokens: readonly string[]) {
        this.#tokens = tokens;
    }

    get atEnd(): boolean {
        return this.#next === this.#tokens.length;
    }

    value(depth: number): Expression | undefined {
        const token = this.#take();
        if (token === undefined || depth === 0) return undefined;
        if (token.startsWith('"')) return { kind: 'text', text: token.slice(1) };
        if (token === '[') return this.#items('list', '', ']', depth);
        const opening = /^\w/.test(token) ? this.#take() : undefined;
        if (opening === '(') return this.#items('call', token, ')', depth);
        const fields = opening === '{' ? this.#fields(depth) : undefined;
        return fields && { kind: 'object', name: token, fields };
    }

    #take(): string | undefined {
        const token = this.#tokens[this.#next];
        this.#next += 1;
        return token;
    }

    #takeIf(token: string): boolean {
        if (this.#tokens[this.#next] !== token) return false;
        this.#next += 1;
        return true;
    }

    #items(kind: 'call' | 'list', name: string, closing: string, depth: number): Expression | undefined {
        const items: Expression[] = [];
        if (this.#takeIf(closing)) return { kind, name, items };
        do {
            const item = this.value(depth - 1);
            if (item === undefined) return undefined;
            items.push(item);
        } while (this.#takeIf(','));
        return this.#takeIf(closing) ? { kind, name, items } : undefined;
    }

    #fields(depth: number): Fields | undefined {
        const fields = new Map<string, Expression>();
        if (this.#takeIf('}')) return fields;
        do {
            const name = this.#take();
            const value = this.#takeIf(':') ? this.value(depth - 1) : undefined;
            if (name === undefined || value === undefined || fields.has(name)) return undefined;
            fields.set(name, value);
        } while (this.#takeIf(','));
        return this.#takeIf('}') ? fields : undefined;
    }
}
