package io.seine.cni.plugin;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A Unix socket on the JVM; keeps what it read. */
final class ChannelTransport implements Transport {
  private final SocketChannel channel;
  private final ByteWriter received = new ByteWriter(256);

  ChannelTransport(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws OsException {
    try {
      int count = channel.read(ByteBuffer.wrap(buffer, offset, length));
      received.put(buffer, offset, Math.max(0, count));
      return count;
    } catch (IOException e) {
      throw OsException.failed("reading", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws OsException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw OsException.failed("writing", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError("closing a socket", e);
    }
  }

  byte[] received() {
    return received.toByteArray();
  }
}
