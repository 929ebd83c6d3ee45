package io.seine.cni.plugin;

/**
 * How much the peer lets us send (RFC 9113, section 5.2 and 6.9): a window for the connection and
 * one for the only stream, and the largest frame it takes.
 */
final class SendWindow {
  private static final long MAX_WINDOW = Integer.MAX_VALUE;
  private static final int INITIAL = 65535;
  private static final int MIN_FRAME_SIZE = 16384;
  private static final int MAX_FRAME_SIZE = (1 << 24) - 1;

  private static final int SETTINGS_ENABLE_PUSH = 2;
  private static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
  private static final int SETTINGS_MAX_FRAME_SIZE = 5;

  private long connection = INITIAL;
  private long stream = INITIAL;
  private long initial = INITIAL;
  private int maxFrame = MIN_FRAME_SIZE;

  /** The most that the next DATA frame may carry; 0 while the peer has to open a window first. */
  int next() {
    return (int) Math.max(0, Math.min(Math.min(connection, stream), maxFrame));
  }

  void sent(int length) {
    connection -= length;
    stream -= length;
  }

  /** Takes a WINDOW_UPDATE frame for stream 0 or 1. */
  void update(Frame frame) throws CallException {
    int increment = frame.uint31At(0);
    if (increment == 0) {
      throw CallException.protocol("window increment of zero");
    }
    if (frame.stream() == 0) {
      connection += increment;
    } else {
      stream += increment;
    }
    checkRange();
  }

  /** Takes the parameters of a SETTINGS frame; those that do not bear on sending are ignored. */
  void apply(Frame settings) throws CallException {
    for (int at = 0; at < settings.length(); at += 6) {
      int id = settings.intAt(at) >>> 16;
      long value = settings.intAt(at + 2) & 0xffffffffL;
      if (id == SETTINGS_INITIAL_WINDOW_SIZE) {
        if (value > MAX_WINDOW) {
          throw CallException.protocol("initial window size " + value);
        }
        stream += value - initial;
        initial = value;
        checkRange();
      } else if (id == SETTINGS_MAX_FRAME_SIZE) {
        if (value < MIN_FRAME_SIZE || value > MAX_FRAME_SIZE) {
          throw CallException.protocol("maximum frame size " + value);
        }
        maxFrame = (int) value;
      } else if (id == SETTINGS_ENABLE_PUSH && value != 0) {
        throw CallException.protocol("a server that enables push");
      }
    }
  }

  private void checkRange() throws CallException {
    if (connection > MAX_WINDOW || stream > MAX_WINDOW) {
      throw CallException.protocol("flow-control window above 2^31-1");
    }
  }
}
