import { errorText } from '../../../src/client/error_text';

/** An error as agents of the Internet Computer throw them. */
const agentError = (name: string, message: string, code: object): Error =>
    Object.assign(new Error(message, { cause: { code, kind: 'Any' } }), { name });

test('an error is one line: its name, the first line of its message, and its cause', () => {
    const failure = new RangeError('too far\nand a second line', { cause: new TypeError('no such thing') });
    expect(errorText(failure)).toBe('RangeError: too far <- TypeError: no such thing');
    expect(errorText('text')).toBe('string');
    expect(errorText(new Error('x'.repeat(1_000)))).toHaveLength(300);
});

test('of a rejected call it is what the canister said, never the request that hangs on it', () => {
    const code = {
        rejectMessage: 'Canister aaaaa-aa not found.\nmore',
        rejectErrorCode: 'IC0301',
        callContext: { secret: 'argument' }
    };
    const failure = agentError('RejectError', 'The replica returned a rejection error:\n secret', code);
    expect(errorText(failure)).toBe('RejectError: Canister aaaaa-aa not found. IC0301');
});

test('of a network that does not answer it is the code of the system', () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const code = { error: new TypeError('fetch failed', { cause }), requestContext: { secret: 'body' } };
    const failure = agentError('TransportError', 'Failed to fetch HTTP request: TypeError: fetch failed\n at x', code);
    expect(errorText(failure)).toBe(
        'TransportError: ECONNREFUSED Failed to fetch HTTP request: TypeError: fetch failed'
    );
});

test('what a parser could not read is not repeated', () => {
    let failure: unknown;
    try {
        JSON.parse('Private prompt');
    } catch (thrown) {
        failure = thrown;
    }
    expect(errorText(failure)).toBe('SyntaxError: malformed');
});
