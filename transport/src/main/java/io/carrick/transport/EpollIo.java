package io.carrick.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll, whose channels stay registered also when they want to hear nothing for the moment.
 * Netty 4.2.18 takes such a channel out of the set and, when it wants to hear again, does as if it
 * were still there, which fails: a client that pauses here and ends its own direction would be lost
 * with what it has sent. Confined to its loop, as what it stands before.
 */
final class EpollIo implements IoHandler {

  private final IoHandler netty;

  private EpollIo(IoHandler netty) {
    this.netty = netty;
  }

  static IoHandlerFactory newFactory() {
    IoHandlerFactory netty = EpollIoHandler.newFactory();
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new EpollIo(netty.newHandler(executor));
      }

      @Override
      public boolean isChangingThreadSupported() {
        return netty.isChangingThreadSupported();
      }
    };
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    IoRegistration registration = netty.register(handle);
    boolean ours = handle instanceof EpollSocket || handle instanceof EpollAcceptor;
    return ours ? registration : new Staying(registration);
  }

  @Override
  public void initialize() {
    netty.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return netty.run(context);
  }

  @Override
  public void prepareToDestroy() {
    netty.prepareToDestroy();
  }

  @Override
  public void destroy() {
    netty.destroy();
  }

  @Override
  public void wakeup() {
    netty.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return netty.isCompatible(type);
  }

  /** Asks for errors, which are told in any case, where nothing is asked for. Thread-safe. */
  private static final class Staying implements IoRegistration {

    private final IoRegistration netty;

    Staying(IoRegistration netty) {
      this.netty = netty;
    }

    @Override
    public long submit(IoOps ops) {
      return netty.submit(EpollIoOps.NONE.equals(ops) ? EpollIoOps.EPOLLERR : ops);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // so Netty has it
    public <T> T attachment() {
      return netty.attachment();
    }

    @Override
    public boolean isValid() {
      return netty.isValid();
    }

    @Override
    public boolean cancel() {
      return netty.cancel();
    }
  }
}
