package io.carrick.mqtt;

/** Who is at the other end of a connection: one who asks to be let in, then a client. */
sealed interface Peer permits ConnectHandler, ConnectedClient {}
