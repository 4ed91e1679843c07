package io.carrick.amqp.codec;

import io.carrick.RoutingKey;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Every method there is, with all kinds of arguments. */
final class Methods {

  private static final Arbitrary<String> NAME = Fields.names();
  private static final Arbitrary<Boolean> BIT = Arbitraries.of(true, false);
  private static final Arbitrary<Integer> SHORT = Arbitraries.integers().between(0, 0xFFFF);
  private static final Arbitrary<Long> LONG = Arbitraries.longs().between(0, 0xFFFF_FFFFL);
  private static final Arbitrary<Long> TAG = Arbitraries.longs();
  private static final Arbitrary<byte[]> BYTES =
      Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
  private static final Arbitrary<RoutingKey> KEY =
      Arbitraries.bytes().array(byte[].class).ofMaxSize(255).map(RoutingKey::ofKey);
  private static final Arbitrary<Map<String, Object>> TABLE = Fields.tables();

  private Methods() {}

  static Arbitrary<Method> all() {
    return Arbitraries.oneOf(
        connection(), channel(), access(), exchange(), queue(), consuming(), messages(), tx());
  }

  private static Arbitrary<Method> access() {
    return Arbitraries.oneOf(
        Combinators.combine(NAME, Arbitraries.integers().between(0, 31))
            .as(AccessMethod.Request::new),
        SHORT.map(AccessMethod.RequestOk::new));
  }

  private static Arbitrary<Method> tx() {
    return Arbitraries.of(
        new TxMethod.Select(),
        new TxMethod.SelectOk(),
        new TxMethod.Commit(),
        new TxMethod.CommitOk(),
        new TxMethod.Rollback(),
        new TxMethod.RollbackOk());
  }

  private static Arbitrary<Method> connection() {
    return Arbitraries.oneOf(
        Combinators.combine(TABLE, NAME, NAME)
            .as((table, a, b) -> new ConnectionMethod.Start(0, 9, table, a, b)),
        Combinators.combine(TABLE, NAME, BYTES, NAME).as(ConnectionMethod.StartOk::new),
        BYTES.map(ConnectionMethod.Secure::new),
        BYTES.map(ConnectionMethod.SecureOk::new),
        Combinators.combine(SHORT, LONG, SHORT).as(ConnectionMethod.Tune::new),
        Combinators.combine(SHORT, LONG, SHORT).as(ConnectionMethod.TuneOk::new),
        NAME.map(ConnectionMethod.Open::new),
        Arbitraries.just(new ConnectionMethod.OpenOk()),
        Combinators.combine(SHORT, NAME, SHORT, SHORT).as(ConnectionMethod.Close::new),
        Arbitraries.just(new ConnectionMethod.CloseOk()),
        NAME.map(ConnectionMethod.Blocked::new),
        Arbitraries.just(new ConnectionMethod.Unblocked()),
        Combinators.combine(BYTES, NAME).as(ConnectionMethod.UpdateSecret::new),
        Arbitraries.just(new ConnectionMethod.UpdateSecretOk()));
  }

  private static Arbitrary<Method> channel() {
    return Arbitraries.oneOf(
        Arbitraries.just(new ChannelMethod.Open()),
        Arbitraries.just(new ChannelMethod.OpenOk()),
        BIT.map(ChannelMethod.Flow::new),
        BIT.map(ChannelMethod.FlowOk::new),
        Combinators.combine(SHORT, NAME, SHORT, SHORT).as(ChannelMethod.Close::new),
        Arbitraries.just(new ChannelMethod.CloseOk()),
        BIT.map(ConfirmMethod.Select::new),
        Arbitraries.just(new ConfirmMethod.SelectOk()),
        Arbitraries.just(new TxMethod.Select()),
        Arbitraries.just(new TxMethod.SelectOk()),
        Arbitraries.just(new TxMethod.Commit()),
        Arbitraries.just(new TxMethod.CommitOk()),
        Arbitraries.just(new TxMethod.Rollback()),
        Arbitraries.just(new TxMethod.RollbackOk()));
  }

  private static Arbitrary<Method> exchange() {
    return Arbitraries.oneOf(
        Combinators.combine(NAME, NAME, BIT, BIT, BIT, BIT, BIT, TABLE)
            .as(ExchangeMethod.Declare::new),
        Arbitraries.just(new ExchangeMethod.DeclareOk()),
        Combinators.combine(NAME, BIT, BIT).as(ExchangeMethod.Delete::new),
        Arbitraries.just(new ExchangeMethod.DeleteOk()),
        Combinators.combine(NAME, NAME, KEY, BIT, TABLE).as(ExchangeMethod.Bind::new),
        Arbitraries.just(new ExchangeMethod.BindOk()),
        Combinators.combine(NAME, NAME, KEY, BIT, TABLE).as(ExchangeMethod.Unbind::new),
        Arbitraries.just(new ExchangeMethod.UnbindOk()));
  }

  private static Arbitrary<Method> queue() {
    return Arbitraries.oneOf(
        Combinators.combine(NAME, BIT, BIT, BIT, BIT, BIT, TABLE).as(QueueMethod.Declare::new),
        Combinators.combine(NAME, LONG, LONG).as(QueueMethod.DeclareOk::new),
        Combinators.combine(NAME, NAME, KEY, BIT, TABLE).as(QueueMethod.Bind::new),
        Arbitraries.just(new QueueMethod.BindOk()),
        Combinators.combine(NAME, BIT).as(QueueMethod.Purge::new),
        LONG.map(QueueMethod.PurgeOk::new),
        Combinators.combine(NAME, BIT, BIT, BIT).as(QueueMethod.Delete::new),
        LONG.map(QueueMethod.DeleteOk::new),
        Combinators.combine(NAME, NAME, KEY, TABLE).as(QueueMethod.Unbind::new),
        Arbitraries.just(new QueueMethod.UnbindOk()));
  }

  private static Arbitrary<Method> consuming() {
    return Arbitraries.oneOf(
        Combinators.combine(LONG, SHORT, BIT).as(BasicMethod.Qos::new),
        Arbitraries.just(new BasicMethod.QosOk()),
        Combinators.combine(NAME, NAME, BIT, BIT, BIT, BIT, TABLE).as(BasicMethod.Consume::new),
        NAME.map(BasicMethod.ConsumeOk::new),
        Combinators.combine(NAME, BIT).as(BasicMethod.Cancel::new),
        NAME.map(BasicMethod.CancelOk::new),
        Combinators.combine(TAG, BIT).as(BasicMethod.Ack::new),
        Combinators.combine(TAG, BIT).as(BasicMethod.Reject::new),
        Combinators.combine(TAG, BIT, BIT).as(BasicMethod.Nack::new),
        BIT.map(BasicMethod.RecoverAsync::new),
        BIT.map(BasicMethod.Recover::new),
        Arbitraries.just(new BasicMethod.RecoverOk()));
  }

  private static Arbitrary<Method> messages() {
    return Arbitraries.oneOf(
        Combinators.combine(NAME, KEY, BIT, BIT).as(BasicMethod.Publish::new),
        Combinators.combine(SHORT, NAME, NAME, KEY).as(BasicMethod.Return::new),
        Combinators.combine(NAME, TAG, BIT, NAME, KEY).as(BasicMethod.Deliver::new),
        Combinators.combine(NAME, BIT).as(BasicMethod.Get::new),
        Combinators.combine(TAG, BIT, NAME, KEY, LONG).as(BasicMethod.GetOk::new),
        Arbitraries.just(new BasicMethod.GetEmpty()));
  }
}
