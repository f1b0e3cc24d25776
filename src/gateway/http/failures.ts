import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PortUnavailable } from '../../client/asked';
import { errorText } from '../../client/error_text';
import { sendError } from './context';
import { errorBody, statusOf, unavailable, type ApiError } from './errors';

/** Whatever fails, and whatever is not there, is answered in the shape that OpenAI clients read. */
export function answerErrors(server: FastifyInstance): void {
    server.setNotFoundHandler((_request, reply) =>
        sendError(reply, { code: 'unknown_url', message: 'There is no such resource.' })
    );
    server.setErrorHandler((failure: FastifyError, request, reply) => {
        const error = toApiError(failure);
        if (error.code === 'internal_error' || error.code === 'unavailable') {
            request.log.error({ error: errorText(failure) }, 'request_failed');
        }
        return sendError(reply, error);
    });
}

/** A request that no route is looked up for, such as one whose URL cannot be decoded. */
export function refuseUnroutable(_failure: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
    void sendError(reply, { code: 'invalid_request', message: 'The URL is malformed.' });
}

/** What a connection sends is no HTTP request. */
export function refuseConnection(failure: Error & { readonly code?: string }, socket: Socket): void {
    if (failure.code !== 'ECONNRESET' && socket.writable) {
        const error = protocolError(failure.code);
        const status = statusOf(error);
        const body = JSON.stringify(errorBody(error));
        const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\n`;
        socket.write(
            `${head}content-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        );
    }
    socket.destroy();
}

/** ASCII alone: it is written byte by byte. */
function protocolError(code: string | undefined): ApiError {
    switch (code) {
        case 'ERR_HTTP_REQUEST_TIMEOUT':
            return { code: 'request_timeout', message: 'The request did not arrive in time.' };
        case 'HPE_HEADER_OVERFLOW':
            return { code: 'headers_too_large', message: 'The headers of the request are too large.' };
        default:
            return { code: 'invalid_request', message: 'This is no HTTP request.' };
    }
}

function toApiError(failure: FastifyError): ApiError {
    if (failure instanceof PortUnavailable) return unavailable();
    switch (failure.statusCode) {
        case 400:
            return { code: 'invalid_request', message: 'The body is not valid JSON.' };
        case 413:
            return { code: 'payload_too_large', message: 'The request body is too large.' };
        case 415:
            return { code: 'unsupported_media_type', message: 'The body must be application/json.' };
        default:
            return { code: 'internal_error', message: 'The gateway failed.' };
    }
}
