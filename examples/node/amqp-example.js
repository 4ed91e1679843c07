// An order goes through a direct exchange, then a notification and an announcement: AMQP by amqplib.
// Run: node amqp-example.js        (AMQP_URL, default amqp://guest:guest@localhost:5672)
const amqp = require('amqplib');

const url = process.env.AMQP_URL || 'amqp://guest:guest@localhost:5672';

async function main() {
  const connection = await amqp.connect(url);
  const channel = await connection.createConfirmChannel();
  console.log('connected');

  await channel.assertExchange('order_exchange', 'direct', { durable: true });
  await channel.assertQueue('order_queue', { durable: true });
  await channel.bindQueue('order_queue', 'order_exchange', 'order.created');

  const order = { id: 123, item: 'rope', amount: 2 };
  channel.publish(
    'order_exchange', 'order.created', Buffer.from(JSON.stringify(order)),
    { persistent: true, priority: 1 });
  await channel.waitForConfirms();
  console.log('published an order');
  await received(channel, 'order_queue');

  await channel.assertExchange('notification_exchange', 'topic', { durable: true });
  const users = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(users.queue, 'notification_exchange', 'user.*.notification');
  channel.publish(
    'notification_exchange', 'user.123.notification', Buffer.from('your order is on its way'));
  await received(channel, users.queue);

  await channel.assertExchange('broadcast_exchange', 'fanout', { durable: true });
  const everyone = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(everyone.queue, 'broadcast_exchange', '');
  channel.publish('broadcast_exchange', '', Buffer.from('we close at six'));
  await received(channel, everyone.queue);

  await channel.close();
  await connection.close();
  console.log('disconnected');
}

// Consumes one message, acknowledges it and stops consuming.
function received(channel, queue) {
  return new Promise((resolve, reject) => {
    channel.consume(queue, (message) => {
      if (message === null) return reject(new Error('the broker cancelled the consumer'));
      console.log('received ' + message.fields.routingKey + ' ' + message.content);
      channel.ack(message);
      channel.cancel(message.fields.consumerTag).then(resolve, reject);
    }).catch(reject);
  });
}

main().catch((err) => {
  console.error(err.message);
  process.exit(1);
});
