package io.seine.openflow.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes messages to the switch, many to a system call. Any thread may use it; messages written in
 * one {@link #send} stay together.
 */
final class Sender {
  private static final int LARGE = 256 * 1024;

  private final WritableByteChannel channel;
  private final Runnable progress;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteBuf buffer = Unpooled.buffer(LARGE + 64 * 1024);

  /**
   * @param progress called when the switch has taken a large piece, which it does only while it
   *     lives
   */
  Sender(WritableByteChannel channel, Runnable progress) {
    this.channel = channel;
    this.progress = progress;
  }

  /** Appends messages to a buffer. */
  interface Messages {
    /** Calls {@link Batch#more} between messages when there are many. */
    void appendTo(ByteBuf out, Batch batch) throws IOException;
  }

  /** Empties the buffer when it is large enough to be worth a system call. */
  interface Batch {
    void more() throws IOException;
  }

  void send(Messages messages) throws IOException {
    lock.lock();
    try {
      // What a caller that failed in the middle left behind must not reach the switch.
      buffer.clear();
      messages.appendTo(buffer, this::flushIfLarge);
      flush();
    } finally {
      lock.unlock();
    }
  }

  private void flushIfLarge() throws IOException {
    if (buffer.readableBytes() >= LARGE) {
      flush();
      progress.run();
    }
  }

  private void flush() throws IOException {
    ByteBuffer bytes = buffer.nioBuffer();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    buffer.clear();
  }
}
