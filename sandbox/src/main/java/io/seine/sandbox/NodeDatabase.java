package io.seine.sandbox;

import io.seine.ovsdb.OvsdbException;
import io.seine.ovsdb.OvsdbSession;
import io.seine.ovsdb.Snapshot;
import io.seine.sandbox.node.SandboxNode;
import java.time.Duration;
import java.util.Random;

/** What the Open vSwitch of a node has in its database. */
public final class NodeDatabase {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private NodeDatabase() {}

  /**
   * All of it, as it is now.
   *
   * @throws SandboxException if it cannot be read
   */
  public static Snapshot read(SandboxNode node) {
    OvsdbSession.Listener nobody =
        new OvsdbSession.Listener() {
          @Override
          public void connected(Snapshot snapshot) {}

          @Override
          public void disconnected(String why) {}
        };
    try (OvsdbSession session =
        OvsdbSession.open(
            node.ovs().database(), OvsdbSession.Options.standard(new Random()), nobody)) {
      return session.awaitConnected(LIMIT);
    } catch (OvsdbException e) {
      throw new SandboxException("the database of " + node.name() + " cannot be read", e);
    }
  }
}
