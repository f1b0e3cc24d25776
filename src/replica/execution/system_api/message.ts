/** What a message says: argument, caller, rejection, deadline, method name. */
import { contractViolation } from '../traps';
import { copyToHeap } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';

const utf8 = new TextEncoder();
const NOTHING = new Uint8Array(0);

const methodName = (x: Execution): Uint8Array => utf8.encode(x.input.methodName);
const senderData = (x: Execution): Uint8Array => x.input.callerInfo?.data ?? NOTHING;
const senderSigner = (x: Execution): Uint8Array => x.input.callerInfo?.signer ?? NOTHING;

/** What a message brings: argument, caller, reject code and message, deadline; and `accept_message`. */
export const messageApi = group({
    msg_arg_data_size: (x) => x.input.argument.length,
    msg_arg_data_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'msg_arg_data_copy', { what: 'payload', bytes: x.input.argument }, { dst, offset, size }),
    msg_caller_size: (x) => x.input.caller.length,
    msg_caller_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'msg_caller_copy', { what: 'id', bytes: x.input.caller }, { dst, offset, size }),
    msg_caller_info_data_size: (x) => senderData(x).length,
    msg_caller_info_data_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'msg_caller_info_data_copy', { what: 'data', bytes: senderData(x) }, { dst, offset, size }),
    msg_caller_info_signer_size: (x) => senderSigner(x).length,
    msg_caller_info_signer_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'msg_caller_info_signer_copy', { what: 'signer', bytes: senderSigner(x) }, { dst, offset, size }),
    msg_reject_code: (x) => x.input.rejectCode,
    msg_reject_msg_size: (x) => x.rejectMessage.length,
    msg_reject_msg_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'msg_reject_msg_copy', { what: 'msg', bytes: x.rejectMessage }, { dst, offset, size }),
    msg_deadline: (x) => x.input.deadlineNs,
    msg_method_name_size: (x) => methodName(x).length,
    msg_method_name_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'msg_method_name_copy', { what: 'payload', bytes: methodName(x) }, { dst, offset, size }),
    accept_message: (x) => {
        if (x.accepted) throw contractViolation('ic0.accept_message: the function was already called.');
        x.accepted = true;
    }
});
