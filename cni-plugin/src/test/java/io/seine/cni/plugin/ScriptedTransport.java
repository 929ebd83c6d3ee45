package io.seine.cni.plugin;

/**
 * A peer that sends fixed bytes, a few at a time, and then closes; what is written to it is kept.
 */
final class ScriptedTransport implements Transport {
  private final byte[] input;
  private final int chunk;
  private final ByteWriter written = new ByteWriter(256);
  private int position;
  private boolean closed;

  ScriptedTransport(byte[] input, int chunk) {
    this.input = input;
    this.chunk = chunk;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    if (position == input.length) {
      return -1;
    }
    int count = Math.min(Math.min(chunk, length), input.length - position);
    System.arraycopy(input, position, buffer, offset, count);
    position += count;
    return count;
  }

  @Override
  public void write(byte[] buffer, int offset, int length) {
    written.put(buffer, offset, length);
  }

  @Override
  public void close() {
    closed = true;
  }

  byte[] written() {
    return written.toByteArray();
  }

  boolean closed() {
    return closed;
  }
}
