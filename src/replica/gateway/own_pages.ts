/** Pages of the network itself: one look, one policy, and scripts from the bundles. */
import { readFile } from 'node:fs/promises';
import { textAnswer } from '../answer';
import type { HttpAnswer } from '../http/http_server';
import { utf8 } from '../wire/bytes';
import { browserScript } from '../worker/bundle.cjs';
import { escaped } from './html';

/** Whatever texts a page shows must not become scripts. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'";

/** A page with this content, in HTML. */
export function ownPage(title: string, content: string, status = 200): HttpAnswer {
    return {
        status,
        contentType: 'text/html; charset=utf-8',
        headers: { 'content-security-policy': policy },
        body: utf8(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>${style}</style></head>
<body><h1>${escaped(title)}</h1>
${content}
</body></html>
`)
    };
}

/** One of the bundled scripts. */
export async function ownScript(name: Parameters<typeof browserScript>[0]): Promise<HttpAnswer> {
    const path = browserScript(name);
    if (path === undefined) return textAnswer(404, 'This network runs from source, without a compiler for pages.');
    return { status: 200, contentType: 'text/javascript; charset=utf-8', body: new Uint8Array(await readFile(path)) };
}

const style = `
body { font: 16px/1.5 system-ui; max-width: 70em; margin: 2em auto; padding: 0 1em }
pre, output { background: #f4f4f4; padding: 1em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; display: block }
code { white-space: pre-wrap; overflow-wrap: anywhere }
output:empty { display: none }
output.error { background: #fdecea }
section form { border-top: 1px solid #ccc; padding: .5em 0 1em }
form h2 { font-size: 1em; margin: .5em 0 } form h2 small { font-weight: normal; color: #555; overflow-wrap: anywhere }
.argument-holder, .popup-form { margin: .3em 0; padding-left: .5em } .popup-form { border-left: 3px solid #ddd }
.status { color: #b00020; display: none } .reject { border-color: #b00020 } button { margin: .5em .5em .5em 0 }
table { border-collapse: collapse } th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #ddd; padding: .3em 1em .3em 0 }
`;
