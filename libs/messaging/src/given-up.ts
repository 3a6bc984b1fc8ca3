import type { Consumer } from 'kafkajs';

/**
 * Tells of a consumer that will read no more: stopped for good, or after kafkajs has retried in vain. After other crashes (a
 * coordinator that is still loading) kafkajs begins anew by itself, knowing nothing of where it was.
 */
export function onGivenUp(consumer: Pick<Consumer, 'on' | 'events'>, giveUp: (error: Error) => void): void {
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart || error.name === 'KafkaJSNumberOfRetriesExceeded') giveUp(error);
  });
}
