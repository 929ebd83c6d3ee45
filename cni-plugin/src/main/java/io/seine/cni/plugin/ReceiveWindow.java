package io.seine.cni.plugin;

/**
 * How much we let the peer send: the initial window of the connection and of stream 1, opened again
 * by what was received each time half of it is used up. As no frame is larger than 16 KiB, the peer
 * never has to wait.
 */
final class ReceiveWindow {
  private static final int SIZE = 65535;

  private int left = SIZE;

  /**
   * Counts a DATA frame, padding and all.
   *
   * @param out gets the WINDOW_UPDATE frames, if it is time for them
   */
  void received(int length, ByteWriter out) {
    left -= length;
    if (left < SIZE / 2) {
      open(out, 0);
      open(out, UnaryCall.STREAM);
      left = SIZE;
    }
  }

  private void open(ByteWriter out, int stream) {
    Frame.header(out, 4, Frame.WINDOW_UPDATE, 0, stream);
    out.putInt(SIZE - left);
  }
}
