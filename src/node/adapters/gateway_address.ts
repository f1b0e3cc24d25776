/** Prompts and results of others travel through networks only under TLS; without it, on this machine, or where that is allowed. */
export function mayTalkTo(gatewayUrl: string, allowHttp: boolean): boolean {
    if (!URL.canParse(gatewayUrl)) return false;
    const { protocol, hostname } = new URL(gatewayUrl);
    const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    return protocol === 'https:' || (protocol === 'http:' && (allowHttp || isLoopback));
}
