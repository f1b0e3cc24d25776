/** No device to prove on: the package, an adapter, or one that is more than software is missing. */
export class NoGpu extends Error {
    constructor(
        readonly missing: 'library' | 'adapter' | 'software',
        readonly device?: string,
        options?: ErrorOptions
    ) {
        super(device === undefined ? `no GPU: ${missing}` : `no GPU: ${missing} (${device})`, options);
        this.name = 'NoGpu';
    }
}

/** The matrices of a round do not fit the device. */
export class TooLargeForDevice extends Error {
    constructor(
        readonly bytes: number,
        readonly allowed: number
    ) {
        super(`a buffer of ${bytes} bytes, where the device allows ${allowed}`);
        this.name = 'TooLargeForDevice';
    }
}
