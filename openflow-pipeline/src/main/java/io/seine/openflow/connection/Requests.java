package io.seine.openflow.connection;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.DecodeException;
import io.seine.openflow.wire.Input;
import io.seine.openflow.wire.Messages;
import io.seine.openflow.wire.Messages.Part;
import io.seine.openflow.wire.Standard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Sends requests over a link and waits for what the switch says to them. Any thread may. */
final class Requests {
  private static final int HEADER = 8;
  private static final byte[] END = new byte[0];

  private final Link link;
  private final Duration timeout;

  Requests(Link link, Duration timeout) {
    this.link = link;
    this.timeout = timeout;
  }

  /** Appends one message. */
  interface Encoder {
    void encode(ByteBuf out, int xid);
  }

  interface PartReader<T> {
    Part<T> read(Input body) throws DecodeException;
  }

  <T> T ask(String what, Encoder encoder, Exchange.ReplyReader<T> reader) throws SwitchException {
    return ask(what, timeout, encoder, reader);
  }

  <T> T ask(String what, Duration atMost, Encoder encoder, Exchange.ReplyReader<T> reader)
      throws SwitchException {
    int xid = link.reserve(1);
    Exchange<T> exchange = link.expect(xid, what, reader);
    try {
      link.send(what, (out, batch) -> encoder.encode(out, xid));
      return link.await(exchange, atMost);
    } finally {
      link.forget(xid);
    }
  }

  /** Waits until the switch has done all that it was sent before. */
  void barrier(Duration atMost) throws SwitchException {
    ask("a barrier", atMost, Standard::barrierRequest, message -> Optional.of(true));
  }

  /** Sends messages that are answered only when they fail, and waits until all are done. */
  void order(String what, Duration atMost, List<Encoder> encoders) throws SwitchException {
    int first = link.reserve(encoders.size());
    List<Exchange<Boolean>> refusals = new ArrayList<>(encoders.size());
    try {
      for (int i = 0; i < encoders.size(); i++) {
        refusals.add(link.expect(first + i, what, message -> Optional.of(true)));
      }
      link.send(
          what,
          (out, batch) -> {
            for (int i = 0; i < encoders.size(); i++) {
              encoders.get(i).encode(out, first + i);
              batch.more();
            }
          });
      barrier(atMost);
      for (Exchange<Boolean> refusal : refusals) {
        if (refusal.result().isDone()) {
          link.await(refusal, atMost);
        }
      }
    } finally {
      for (int i = 0; i < encoders.size(); i++) {
        link.forget(first + i);
      }
    }
  }

  /**
   * Asks for something that is answered in parts, and hands over the entries of each part as it
   * comes. The caller's thread decodes and visits, so that a slow visitor holds up nobody else;
   * what waits for it meanwhile are the messages, which are several times smaller than their
   * entries.
   */
  <T> void visit(String what, Encoder encoder, PartReader<T> reader, Consumer<T> visitor)
      throws SwitchException {
    BlockingQueue<byte[]> parts = new LinkedBlockingQueue<>();
    int xid = link.reserve(1);
    Exchange<Boolean> exchange =
        link.expect(
            xid,
            what,
            message -> {
              parts.add(message);
              return Messages.isLastPart(message) ? Optional.of(true) : Optional.empty();
            });
    var _ = exchange.result().whenComplete((done, failure) -> parts.add(END));
    try {
      link.send(what, (out, batch) -> encoder.encode(out, xid));
      byte[] part = next(what, parts);
      while (part.length > 0) {
        reader.read(new Input(part, HEADER, part.length)).entries().forEach(visitor);
        part = next(what, parts);
      }
      link.await(exchange, timeout); // it is complete; this throws why, if it failed
    } catch (DecodeException e) {
      throw new SwitchException(
          "%s: the reply to %s makes no sense: %s".formatted(link.name(), what, e.getMessage()), e);
    } finally {
      link.forget(xid);
    }
  }

  private byte[] next(String what, BlockingQueue<byte[]> parts) throws SwitchException {
    try {
      byte[] part = parts.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (part == null) {
        throw new SwitchException(
            "%s: no answer to %s within %s".formatted(link.name(), what, timeout));
      }
      return part;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwitchException("%s: interrupted in %s".formatted(link.name(), what), e);
    }
  }
}
