package io.carrick.mqtt.codec;

import org.jspecify.annotations.Nullable;

/**
 * The properties of MQTT 5 §2.2.2.2: what identifies each, how it is written and in which packets
 * it may stand.
 */
public enum Property {
  /** 0 for bytes, 1 for UTF-8. */
  PAYLOAD_FORMAT_INDICATOR(0x01, Form.FLAG, Place.PUBLISH, Place.WILL),
  /** In seconds. */
  MESSAGE_EXPIRY_INTERVAL(0x02, Form.FOUR_BYTES, Place.PUBLISH, Place.WILL),
  /** What the payload is. */
  CONTENT_TYPE(0x03, Form.TEXT, Place.PUBLISH, Place.WILL),
  /** Where an answer goes. */
  RESPONSE_TOPIC(0x08, Form.TOPIC, Place.PUBLISH, Place.WILL),
  /** What joins an answer to its request. */
  CORRELATION_DATA(0x09, Form.BINARY, Place.PUBLISH, Place.WILL),
  /** Names a subscription. */
  SUBSCRIPTION_IDENTIFIER(0x0B, Form.VARIABLE, Place.SUBSCRIBE),
  /** In seconds. */
  SESSION_EXPIRY_INTERVAL(0x11, Form.FOUR_BYTES, Place.CONNECT, Place.DISCONNECT),
  /** By the server only. */
  ASSIGNED_CLIENT_IDENTIFIER(0x12, Form.TEXT),
  /** By the server only. */
  SERVER_KEEP_ALIVE(0x13, Form.TWO_BYTES),
  /** How a client proves who it is. */
  AUTHENTICATION_METHOD(0x15, Form.TEXT, Place.CONNECT, Place.AUTH),
  /** What it proves it with. */
  AUTHENTICATION_DATA(0x16, Form.BINARY, Place.CONNECT, Place.AUTH),
  /** 0 or 1: whether reason strings may come. */
  REQUEST_PROBLEM_INFORMATION(0x17, Form.FLAG, Place.CONNECT),
  /** In seconds. */
  WILL_DELAY_INTERVAL(0x18, Form.FOUR_BYTES, Place.WILL),
  /** 0 or 1: whether {@link #RESPONSE_INFORMATION} is wanted. */
  REQUEST_RESPONSE_INFORMATION(0x19, Form.FLAG, Place.CONNECT),
  /** By the server only. */
  RESPONSE_INFORMATION(0x1A, Form.TEXT),
  /** By the server only. */
  SERVER_REFERENCE(0x1C, Form.TEXT),
  /** For people. */
  REASON_STRING(0x1F, Form.TEXT, Place.ACK, Place.DISCONNECT, Place.AUTH),
  /** How many messages of QoS 1 and 2 may be under way. */
  RECEIVE_MAXIMUM(0x21, Form.TWO_BYTES_FROM_1, Place.CONNECT),
  /** How many topic aliases may be used. */
  TOPIC_ALIAS_MAXIMUM(0x22, Form.TWO_BYTES, Place.CONNECT),
  /** A number in place of a topic. */
  TOPIC_ALIAS(0x23, Form.TWO_BYTES, Place.PUBLISH),
  /** By the server only. */
  MAXIMUM_QOS(0x24, Form.FLAG),
  /** By the server only. */
  RETAIN_AVAILABLE(0x25, Form.FLAG),
  /** A name and a text of the application; may repeat. */
  USER_PROPERTY(
      0x26,
      Form.TEXT_PAIR,
      Place.CONNECT,
      Place.WILL,
      Place.PUBLISH,
      Place.ACK,
      Place.SUBSCRIBE,
      Place.UNSUBSCRIBE,
      Place.DISCONNECT,
      Place.AUTH),
  /** In bytes. */
  MAXIMUM_PACKET_SIZE(0x27, Form.FOUR_BYTES_FROM_1, Place.CONNECT),
  /** By the server only. */
  WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Form.FLAG),
  /** By the server only. */
  SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Form.FLAG),
  /** By the server only. */
  SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Form.FLAG);

  private static final int IDENTIFIERS = 0x80;
  private static final @Nullable Property[] BY_IDENTIFIER = new @Nullable Property[IDENTIFIERS];

  static {
    for (Property property : values()) {
      BY_IDENTIFIER[property.identifier] = property;
    }
  }

  private final int identifier;
  private final Form form;
  private final int places;

  Property(int identifier, Form form, Place... places) {
    this.identifier = identifier;
    this.form = form;
    int all = 0;
    for (Place place : places) {
      all |= 1 << place.ordinal();
    }
    this.places = all;
  }

  /** How a property is written (MQTT 5 §1.5). */
  enum Form {
    /** A byte that is 0 or 1. */
    FLAG,
    /** Two bytes. */
    TWO_BYTES,
    /** Two bytes that are not 0. */
    TWO_BYTES_FROM_1,
    /** Four bytes. */
    FOUR_BYTES,
    /** Four bytes that are not 0. */
    FOUR_BYTES_FROM_1,
    /** One to four bytes, and not 0. */
    VARIABLE,
    /** A string. */
    TEXT,
    /** A string that is a topic name. */
    TOPIC,
    /** Two strings. */
    TEXT_PAIR,
    /** Bytes with their length. */
    BINARY
  }

  /** The property sections that a client sends. */
  enum Place {
    /** Of CONNECT. */
    CONNECT,
    /** Of the will in a CONNECT. */
    WILL,
    /** Of PUBLISH. */
    PUBLISH,
    /** Of PUBACK, PUBREC, PUBREL and PUBCOMP. */
    ACK,
    /** Of SUBSCRIBE. */
    SUBSCRIBE,
    /** Of UNSUBSCRIBE. */
    UNSUBSCRIBE,
    /** Of DISCONNECT. */
    DISCONNECT,
    /** Of AUTH. */
    AUTH
  }

  /** Returns the property that a byte names; null if none. */
  static @Nullable Property of(int identifier) {
    return identifier >= 0 && identifier < IDENTIFIERS ? BY_IDENTIFIER[identifier] : null;
  }

  /** Returns the byte that names it. */
  int identifier() {
    return identifier;
  }

  Form form() {
    return form;
  }

  boolean mayStandIn(Place place) {
    return (places & (1 << place.ordinal())) != 0;
  }
}
