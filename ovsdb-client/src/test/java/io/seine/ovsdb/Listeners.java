package io.seine.ovsdb;

/** Listeners for tests. */
final class Listeners {
  private Listeners() {}

  /** Does not care. */
  static final OvsdbSession.Listener NONE =
      new OvsdbSession.Listener() {
        @Override
        public void connected(Snapshot snapshot) {}

        @Override
        public void disconnected(String why) {}
      };
}
