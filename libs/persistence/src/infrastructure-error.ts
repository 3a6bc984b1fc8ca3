import { ProblemError } from '#libs/kernel';

/** Classes of SQLSTATE that say something of the server's state and nothing of our data. */
const TRANSIENT_CLASSES = new Set(['08', '53', '57', '58']);
const TRANSIENT_CODES = new Set(['25006', '25P03', '40001', '40P01', '55P03', 'XX000']);
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * True when the same work may succeed later without change: database or broker gone, refused, overloaded. Such work is
 * retried for ever; everything else is a defect of the record or of ours and ends in the dead letters.
 */
export function isInfrastructureError(error: unknown): boolean {
  if (error instanceof ProblemError) return error.retryable;
  if (!(error instanceof Error)) return false;
  const { code, name, message } = error as Error & { code?: unknown };
  if (typeof code === 'string') {
    if (NETWORK_CODES.has(code) || TRANSIENT_CODES.has(code)) return true;
    if (/^[0-9A-Z]{5}$/.test(code) && TRANSIENT_CLASSES.has(code.slice(0, 2))) return true;
  }
  // A connection that ends between two statements is given back at once; the next statement finds it gone.
  if (name.startsWith('KafkaJS') || name === 'QueryRunnerAlreadyReleasedError') return true;
  if (
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i.test(
      message,
    )
  )
    return true;
  return error.cause !== undefined && isInfrastructureError(error.cause);
}
