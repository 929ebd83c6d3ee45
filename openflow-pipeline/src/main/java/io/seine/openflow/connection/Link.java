package io.seine.openflow.connection;

import io.seine.openflow.RefusedException;
import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.DecodeException;
import io.seine.openflow.wire.Input;
import io.seine.openflow.wire.Messages;
import io.seine.openflow.wire.OpenFlowError;
import io.seine.openflow.wire.Standard;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One socket to a switch: framing, transaction numbers, replies matched to requests, echo both
 * ways.
 *
 * <p>Threads: any may send and wait. One virtual thread reads; it runs {@link Receiver} and must
 * not be held up by it. One virtual thread watches for silence.
 *
 * <p>Invariants: a link ends once, for one reason; when it has ended, every exchange that waits has
 * failed with that reason, and every later one fails at once.
 */
final class Link {
  /** Takes what is no reply to a request. Called by the reading thread. */
  interface Receiver {
    /** An error whose transaction number belongs to no waiting request. */
    void error(int xid, OpenFlowError error);

    /** A hello, a packet-in or an experimenter message. */
    void message(int type, byte[] message);
  }

  private final String name;
  private final SocketChannel channel;
  private final Receiver receiver;
  private final LongSupplier nanoTime;
  private final Sender sender;
  private final AtomicInteger nextXid = new AtomicInteger(1);
  private final Map<Integer, Exchange<?>> waiting = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable SwitchException> end = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile long lastSign;

  Link(String name, SocketChannel channel, Receiver receiver, LongSupplier nanoTime) {
    this.name = name;
    this.channel = channel;
    this.receiver = receiver;
    this.nanoTime = nanoTime;
    this.sender = new Sender(channel, this::signOfLife);
    signOfLife();
  }

  /** Starts the reader and the watch. */
  void start(Duration keepAlive) {
    Thread.ofVirtual().name(name + "-reader").start(this::readAll);
    Thread.ofVirtual().name(name + "-keep-alive").start(() -> watch(keepAlive));
  }

  String name() {
    return name;
  }

  /** Reserves {@code count} transaction numbers in a row and returns the first. */
  int reserve(int count) {
    return nextXid.getAndAdd(count);
  }

  void send(String what, Sender.Messages messages) throws SwitchException {
    try {
      checkOpen();
      sender.send(messages);
    } catch (IOException e) {
      SwitchException reason = new SwitchException(name + ": cannot send " + what + ": " + e, e);
      close(reason);
      throw reason;
    }
  }

  /** Registers a request under {@code xid} before it is sent. */
  <T> Exchange<T> expect(int xid, String what, Exchange.ReplyReader<T> reader)
      throws SwitchException {
    Exchange<T> exchange = new Exchange<>(what, reader);
    waiting.put(xid, exchange);
    try {
      checkOpen();
    } catch (SwitchException e) {
      waiting.remove(xid);
      throw e;
    }
    return exchange;
  }

  void forget(int xid) {
    waiting.remove(xid);
  }

  /** Waits for the reply. Interrupting the waiting thread is an error of the request. */
  <T> T await(Exchange<T> exchange, Duration timeout) throws SwitchException {
    try {
      return exchange.result().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new SwitchException(
          "%s: no answer to %s within %s".formatted(name, exchange.what(), timeout), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwitchException("%s: interrupted in %s".formatted(name, exchange.what()), e);
    } catch (ExecutionException e) {
      throw rethrown(e.getCause() == null ? e : e.getCause());
    }
  }

  // The stack that matters is the caller's, not the reader's; the type and the message stay.
  private static SwitchException rethrown(Throwable cause) {
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    return new SwitchException(String.valueOf(cause.getMessage()), cause);
  }

  void checkOpen() throws SwitchException {
    SwitchException reason = end.get();
    if (reason != null) {
      throw new SwitchException(reason.getMessage() + " (earlier)", reason);
    }
  }

  /** Empty while the link is up. */
  Optional<SwitchException> end() {
    return Optional.ofNullable(end.get());
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** Ends the link; the first reason given is the one that counts. */
  void close(SwitchException reason) {
    if (!end.compareAndSet(null, reason)) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
    // Whoever registers after this sees the end for itself; see expect().
    waiting.values().forEach(exchange -> exchange.fail(reason));
    waiting.clear();
    ended.countDown();
  }

  private void signOfLife() {
    lastSign = nanoTime.getAsLong();
  }

  private void readAll() {
    try {
      FrameReader frames = new FrameReader(channel);
      byte[] message = frames.next();
      while (message != null) {
        signOfLife();
        dispatch(message);
        message = frames.next();
      }
      close(new SwitchException(name + ": the switch closed the connection"));
    } catch (IOException | DecodeException e) {
      close(new SwitchException(name + ": the connection broke: " + e, e));
    } catch (RuntimeException e) {
      close(new SwitchException(name + ": a defect in handling a message: " + e, e));
    }
  }

  private void dispatch(byte[] message) throws DecodeException {
    Input header = new Input(message);
    header.skip(1);
    int type = header.u8();
    header.skip(2);
    int xid = header.u32();
    switch (type) {
      case Messages.TYPE_ECHO_REQUEST -> answerEcho(xid, header.rest().toByteArray());
      case Messages.TYPE_ERROR -> error(xid, OpenFlowError.read(header));
      case Messages.TYPE_FEATURES_REPLY,
          Messages.TYPE_MULTIPART_REPLY,
          Messages.TYPE_BARRIER_REPLY,
          Messages.TYPE_BUNDLE_CONTROL ->
          reply(xid, message);
      // The switch numbers these by itself: the number says nothing about our requests.
      case Messages.TYPE_HELLO, Messages.TYPE_PACKET_IN, Messages.TYPE_EXPERIMENTER ->
          receiver.message(type, message);
      default -> {} // echo replies have counted already; port status and the like are not acted on
    }
  }

  private void reply(int xid, byte[] message) {
    Exchange<?> exchange = waiting.get(xid);
    // One that nobody waits for any more has come too late.
    if (exchange != null && exchange.accept(message)) {
      waiting.remove(xid);
    }
  }

  private void error(int xid, OpenFlowError error) {
    Exchange<?> exchange = waiting.remove(xid);
    if (exchange == null) {
      receiver.error(xid, error);
    } else {
      exchange.fail(
          new RefusedException(
              "%s refused %s: %s".formatted(name, exchange.what(), error.name()),
              error.name(),
              Optional.empty()));
    }
  }

  // The reader never writes itself: a switch that does not read must not keep it from reading.
  private void answerEcho(int xid, byte[] data) {
    inBackground("an echo reply", (out, batch) -> Standard.echoReply(out, xid, data));
  }

  private void inBackground(String what, Sender.Messages messages) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            send(what, messages);
          } catch (SwitchException e) {
            close(e); // send has closed already; this keeps the first reason
          }
        });
  }

  private void watch(Duration keepAlive) {
    try {
      boolean asked = false;
      while (!ended.await(keepAlive.toNanos(), TimeUnit.NANOSECONDS)) {
        boolean silent = nanoTime.getAsLong() - lastSign >= keepAlive.toNanos();
        if (silent && asked) {
          close(
              new SwitchException(
                  name + ": the switch has not answered an echo request for " + keepAlive));
        } else if (silent) {
          int xid = reserve(1);
          inBackground("an echo request", (out, batch) -> Standard.echoRequest(out, xid));
        }
        asked = silent;
      }
    } catch (InterruptedException e) {
      close(new SwitchException(name + ": interrupted", e));
    }
  }
}
