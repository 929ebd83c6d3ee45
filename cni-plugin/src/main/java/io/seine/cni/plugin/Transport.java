package io.seine.cni.plugin;

/** A connected byte stream. Every call ends by the deadline that the stream was opened with. */
interface Transport {
  /**
   * Reads at least one byte.
   *
   * @return the number of bytes read, or -1 when the peer has closed the stream
   */
  int read(byte[] buffer, int offset, int length) throws OsException;

  /** Writes all bytes. */
  void write(byte[] buffer, int offset, int length) throws OsException;

  /** Releases the stream; never fails. */
  void close();
}
