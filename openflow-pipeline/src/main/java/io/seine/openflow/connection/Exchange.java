package io.seine.openflow.connection;

import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.DecodeException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A request that waits for its reply, which may come in parts.
 *
 * @param what the request, for messages
 */
record Exchange<T>(String what, ReplyReader<T> reader, CompletableFuture<T> result) {
  /** Takes one message of the reply; the last of them yields the result. */
  interface ReplyReader<T> {
    Optional<T> read(byte[] message) throws DecodeException;
  }

  Exchange(String what, ReplyReader<T> reader) {
    this(what, reader, new CompletableFuture<>());
  }

  /** Returns whether the reply is complete. */
  boolean accept(byte[] message) {
    try {
      Optional<T> done = reader.read(message);
      done.ifPresent(result::complete);
      return done.isPresent();
    } catch (DecodeException e) {
      fail(new SwitchException("the reply to " + what + " makes no sense: " + e.getMessage(), e));
      return true;
    }
  }

  void fail(SwitchException reason) {
    result.completeExceptionally(reason);
  }
}
