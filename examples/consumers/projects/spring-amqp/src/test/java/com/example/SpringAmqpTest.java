package com.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.exchange.ExchangeTypes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.CustomExchange;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.AsyncRabbitTemplate;
import org.springframework.amqp.rabbit.config.RetryInterceptorBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.MessageListenerAdapter;
import org.springframework.amqp.rabbit.retry.RejectAndDontRequeueRecoverer;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What programs of Spring AMQP do with RabbitMQ, they do with Carrick. */
@Tag("amqp091:Spring-AMQP")
@Timeout(90)
class SpringAmqpTest {

  private static final int SECONDS = 20;

  private final Broker broker =
      EmbeddedBroker.builder().adapter(Amqp.onAnyPort()).exchangeTypes(ExchangeTypes.all()).start();
  private CachingConnectionFactory connections;
  private RabbitAdmin admin;
  private RabbitTemplate template;
  private AbstractMessageListenerContainer container;

  @BeforeEach
  void connect() {
    connections = new CachingConnectionFactory("127.0.0.1", broker.address("amqp").getPort());
    connections.setPublisherConfirmType(ConfirmType.CORRELATED);
    connections.setPublisherReturns(true);
    admin = new RabbitAdmin(connections);
    template = new RabbitTemplate(connections);
    template.setReplyTimeout(SECONDS * 1_000L);
  }

  @AfterEach
  void stop() {
    if (container != null) {
      container.stop();
    }
    connections.destroy();
    broker.close();
  }

  private void listen(AbstractMessageListenerContainer how, String queue, Object listener) {
    container = how;
    container.setConnectionFactory(connections);
    container.setQueueNames(queue);
    container.setMessageListener(
        listener instanceof MessageListener known ? known : new MessageListenerAdapter(listener));
    container.afterPropertiesSet();
    container.start();
  }

  private static String text(Message message) {
    return new String(message.getBody(), StandardCharsets.UTF_8);
  }

  @Test
  void aSimpleContainerRetriesAndThenTheMessageIsADeadLetter() throws Exception {
    retriedAndDead(new SimpleMessageListenerContainer());
  }

  @Test
  void aDirectContainerRetriesAndThenTheMessageIsADeadLetter() throws Exception {
    retriedAndDead(new DirectMessageListenerContainer());
  }

  private void retriedAndDead(AbstractMessageListenerContainer how) throws Exception {
    admin.declareExchange(new DirectExchange("dead"));
    admin.declareQueue(new Queue("dead-letters"));
    admin.declareBinding(
        new Binding("dead-letters", Binding.DestinationType.QUEUE, "dead", "orders", null));
    admin.declareQueue(QueueBuilder.durable("orders").deadLetterExchange("dead").build());
    how.setAdviceChain(
        RetryInterceptorBuilder.stateless()
            .maxAttempts(3)
            .backOffOptions(1, 1, 1)
            .recoverer(new RejectAndDontRequeueRecoverer())
            .build());
    var attempts = new AtomicInteger();
    listen(
        how,
        "orders",
        (MessageListener)
            message -> {
              attempts.incrementAndGet();
              throw new IllegalStateException("no rope");
            });

    template.convertAndSend("", "orders", "a rope");

    Message dead = template.receive("dead-letters", SECONDS * 1_000L);
    assertThat(dead).isNotNull();
    assertThat(text(dead)).isEqualTo("a rope");
    assertThat(dead.getMessageProperties().getXDeathHeader())
        .singleElement()
        .satisfies(
            death ->
                assertThat((Map<String, Object>) (Map<?, ?>) death)
                    .containsEntry("queue", "orders"));
    assertThat(attempts).hasValue(3);
  }

  @Test
  void requestsAreAnsweredOverDirectReplyTo() {
    admin.declareQueue(new Queue("greetings"));
    listen(new SimpleMessageListenerContainer(), "greetings", new Greeter());
    template.setUseDirectReplyToContainer(false);
    assertThat(template.convertSendAndReceive("greetings", "Ada")).isEqualTo("hello Ada");
    assertThat(template.convertSendAndReceive("greetings", "Bob")).isEqualTo("hello Bob");
  }

  @Test
  void requestsAreAnsweredOverAContainerForDirectReplies() {
    admin.declareQueue(new Queue("greetings"));
    listen(new DirectMessageListenerContainer(), "greetings", new Greeter());
    template.setUseDirectReplyToContainer(true);
    assertThat(template.convertSendAndReceive("greetings", "Ada")).isEqualTo("hello Ada");
    template.stop();
  }

  @Test
  void anAsynchronousTemplateGetsItsAnswersToo() throws Exception {
    admin.declareQueue(new Queue("greetings"));
    listen(new SimpleMessageListenerContainer(), "greetings", new Greeter());
    var asynchronous = new AsyncRabbitTemplate(template);
    asynchronous.start();
    try {
      var first = asynchronous.<String>convertSendAndReceive("greetings", "Ada");
      var second = asynchronous.<String>convertSendAndReceive("greetings", "Bob");
      assertThat(second.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("hello Bob");
      assertThat(first.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("hello Ada");
    } finally {
      asynchronous.stop();
    }
  }

  @Test
  void whatIsTakenIsConfirmedAndWhatNobodyGetsIsReturned() throws Exception {
    admin.declareQueue(new Queue("orders"));
    template.setMandatory(true);
    var taken = new CorrelationData();
    template.convertAndSend("", "orders", "a rope", taken);
    assertThat(taken.getFuture().get(SECONDS, TimeUnit.SECONDS).isAck()).isTrue();
    assertThat(taken.getReturned()).isNull();

    var returned = new CorrelationData();
    template.convertAndSend("", "nowhere", "a rope", returned);
    assertThat(returned.getFuture().get(SECONDS, TimeUnit.SECONDS).isAck()).isTrue();
    assertThat(returned.getReturned().getReplyCode()).isEqualTo(312);
  }

  @Test
  void aTransactionPublishesAllOrNothing() {
    admin.declareQueue(new Queue("orders"));
    connections.setPublisherConfirmType(ConfirmType.NONE);
    connections.resetConnection();
    template.setChannelTransacted(true);
    var transaction = new TransactionTemplate(new RabbitTransactionManager(connections));

    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      template.convertAndSend("", "orders", "undone");
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    transaction.executeWithoutResult(
        status -> {
          template.convertAndSend("", "orders", "1");
          template.convertAndSend("", "orders", "2");
        });

    assertThat(template.receiveAndConvert("orders", SECONDS * 1_000L)).isEqualTo("1");
    assertThat(template.receiveAndConvert("orders", SECONDS * 1_000L)).isEqualTo("2");
    assertThat(template.receiveAndConvert("orders")).isNull();
  }

  @Test
  void aTransactedListenerThatFailsHasNeitherTakenNorAnswered() throws Exception {
    connections.setPublisherConfirmType(ConfirmType.NONE);
    connections.resetConnection();
    admin.declareQueue(new Queue("orders"));
    admin.declareQueue(new Queue("answers"));
    var transacted = new RabbitTemplate(connections);
    transacted.setChannelTransacted(true);
    var attempts = new AtomicInteger();
    var how = new SimpleMessageListenerContainer();
    how.setChannelTransacted(true);
    listen(
        how,
        "orders",
        (MessageListener)
            message -> {
              transacted.convertAndSend("", "answers", "attempt " + attempts.incrementAndGet());
              if (attempts.get() < 3) {
                throw new IllegalStateException("not yet");
              }
            });

    template.convertAndSend("", "orders", "a rope");

    assertThat(template.receiveAndConvert("answers", SECONDS * 1_000L)).isEqualTo("attempt 3");
    assertThat(template.receiveAndConvert("answers")).isNull();
    assertThat(admin.getQueueInfo("orders").getMessageCount()).isZero();
  }

  @Test
  void theAdminDeclaresQueuesWithEveryArgument() {
    admin.declareExchange(ExchangeBuilder.topicExchange("other").build());
    admin.declareExchange(
        ExchangeBuilder.directExchange("orders").alternate("other").durable(true).build());
    declared(
        QueueBuilder.durable("classic")
            .ttl(60_000)
            .expires(600_000)
            .maxLength(100L)
            .maxLengthBytes(1 << 20)
            .overflow(QueueBuilder.Overflow.rejectPublish)
            .deadLetterExchange("other")
            .deadLetterRoutingKey("dead")
            .lazy()
            .singleActiveConsumer()
            .leaderLocator(QueueBuilder.LeaderLocator.clientLocal)
            .build());
    declared(QueueBuilder.durable("urgent").maxPriority(10).build());
    declared(QueueBuilder.durable("replicated").quorum().deliveryLimit(3).build());
    declared(QueueBuilder.durable("events").stream().build());
    admin.declareExchange(new CustomExchange("spread", "x-consistent-hash"));
    admin.declareBinding(
        BindingBuilder.bind(new Queue("urgent"))
            .to(new CustomExchange("spread", "x-consistent-hash"))
            .with("1")
            .noargs());
    assertThat(admin.deleteQueue("classic")).isTrue();
    assertThat(admin.getQueueProperties("classic")).isNull();
  }

  private void declared(Queue queue) {
    assertThat(admin.declareQueue(queue)).isEqualTo(queue.getName());
    assertThat(admin.getQueueInfo(queue.getName()).getMessageCount()).isZero();
  }

  @Test
  void aContainerHearsThatItsQueueIsGoneAndComesBackWhenItIsThereAgain() throws Exception {
    admin.declareQueue(new Queue("orders"));
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    var how = new SimpleMessageListenerContainer();
    how.setMissingQueuesFatal(false);
    how.setRecoveryInterval(50);
    how.setRetryDeclarationInterval(50);
    how.setFailedDeclarationRetryInterval(50);
    how.setReceiveTimeout(50);
    listen(how, "orders", (MessageListener) message -> heard.add(text(message)));
    template.convertAndSend("", "orders", "before");
    assertThat(heard.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("before");

    admin.deleteQueue("orders");
    admin.declareQueue(new Queue("orders"));
    template.convertAndSend("", "orders", "after");
    assertThat(heard.poll(Duration.ofSeconds(SECONDS).toMillis(), TimeUnit.MILLISECONDS))
        .isEqualTo("after");
  }

  /** Answers requests. */
  static final class Greeter {
    public String handleMessage(String name) {
      return "hello " + name;
    }
  }
}
