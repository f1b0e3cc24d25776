/** Certified data and the certificate over it. */
import { contractViolation, userViolation } from '../traps';
import { copyToHeap, fromHeap } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';
import { wrongMode } from '../traps';
import { modeName } from './contexts';

const MAX_CERTIFIED_BYTES = 32;

function certificate(x: Execution, name: string): Uint8Array {
    const { dataCertificate, context, entry } = x.input;
    if (dataCertificate === undefined) throw wrongMode(name, modeName(context, entry));
    return dataCertificate;
}

/** Only queries at the root of a call tree may see the certificate. */
function isPresent({ input }: Execution): boolean {
    return input.dataCertificate !== undefined && (input.context === 'NRQ' || input.context === 'CQ');
}

/** `certified_data_set` and `data_certificate_*`. */
export const certificationApi = group({
    certified_data_set: (x, src, size) => {
        if (size > MAX_CERTIFIED_BYTES) {
            throw userViolation(
                `ic0_certified_data_set failed because the passed data must be no larger than ${MAX_CERTIFIED_BYTES} bytes. ` +
                    `Found ${size} bytes.`,
                'Try certifying just the hash of your data instead of the full contents.',
                'certified_data_set-payload-too-large'
            );
        }
        const heapBytes = x.heap().length;
        if (src + size > heapBytes) {
            throw contractViolation(
                `ic0_certified_data_set failed because src + size is out of bounds. Found src = ${src} and size = ${size} ` +
                    `while src + size must be <= ${heapBytes}`
            );
        }
        x.certifiedData = fromHeap(x, 'ic0_certified_data_set', src, size);
    },
    data_certificate_present: (x) => (isPresent(x) ? 1 : 0),
    data_certificate_size: (x) => certificate(x, 'data_certificate_size').length,
    data_certificate_copy: (x, dst, offset, size) => {
        const bytes = certificate(x, 'data_certificate_copy');
        copyToHeap(x, 'data_certificate_copy', { what: 'certificate', bytes }, { dst, offset, size });
    }
});
