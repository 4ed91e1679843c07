package io.carrick;

/**
 * A name with a text that an application gives a message: MQTT 5's user property. In order, and a
 * name may repeat ({@link MessageProperties#userProperties()}). Immutable.
 *
 * @param name any text
 * @param value any text
 */
public record UserProperty(String name, String value) {}
