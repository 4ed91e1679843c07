package io.carrick.mqtt;

/** How far a connection is: the client asks to be let in, then it has its session. */
sealed interface ConnectionStage permits ConnectHandler, ActiveSession {}
