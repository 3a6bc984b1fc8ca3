/** $1: the customer. */
export const FIND_CUSTOMER = `select document from customer where customer = $1`;
