// A device and its listener in one program: MQTT by mqtt.js.
// Run: node mqtt-example.js        (MQTT_URL, default mqtt://localhost:1883, ws:// as well;
//                                   MQTT_VERSION 3, 4 for 3.1.1, or 5, the default)
const mqtt = require('mqtt');

const url = process.env.MQTT_URL || 'mqtt://localhost:1883';
const protocolVersion = Number(process.env.MQTT_VERSION || 5);
const protocolId = protocolVersion === 3 ? 'MQIsdp' : 'MQTT';
const client = mqtt.connect(url, { reconnectPeriod: 0, protocolId, protocolVersion });

client.on('connect', () => {
  console.log('connected');
  client.subscribe('home/temperature', { qos: 1 }, (err, granted) => {
    if (err) return fail(err);
    console.log('subscribed to ' + granted[0].topic + ' at QoS ' + granted[0].qos);
    client.publish('home/temperature', '23.5', { qos: 1 }, (failed) => {
      if (failed) return fail(failed);
      console.log('published at QoS 1');
    });
  });
});

client.on('message', (topic, payload, packet) => {
  console.log('received ' + topic + ' ' + payload + ' at QoS ' + packet.qos);
  client.publish('home/alarm', 'too warm', { qos: 2 }, (err) => {
    if (err) return fail(err);
    console.log('published at QoS 2');
    client.publish('home/humidity', '40', { qos: 0 }, (failed) => {
      if (failed) return fail(failed);
      console.log('published at QoS 0');
      client.end(false, {}, () => console.log('disconnected'));
    });
  });
});

client.on('error', fail);

function fail(err) {
  console.error(err.message);
  process.exit(1);
}
