package io.seine.openflow.connection;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Change;
import io.seine.openflow.Group;
import io.seine.openflow.OvsText;
import io.seine.openflow.RefusedException;
import io.seine.openflow.wire.Messages;
import io.seine.openflow.wire.OpenFlowError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one bundle. The transaction number of each, counted from the first, tells which
 * change it is for; so an error is mapped to its change without keeping anything but the list.
 */
final class Bundle {
  private static final String GROUP_TOO_LARGE = "GROUP_TOO_LARGE";

  private final int id;
  private final int firstXid;
  private final List<Change> steps;
  private final List<Change> changes;
  private @Nullable Failure failure;

  private record Failure(int index, OpenFlowError error) {}

  private Bundle(int id, int firstXid, List<Change> steps, List<Change> changes) {
    this.id = id;
    this.firstXid = firstXid;
    this.steps = steps;
    this.changes = changes;
  }

  /**
   * The steps of all changes: one message each.
   *
   * @throws RefusedException for a group that would make the switch end itself later
   */
  static List<Change> steps(List<Change> changes) throws RefusedException {
    List<Change> steps = new ArrayList<>(changes.size());
    for (Change change : changes) {
      switch (change) {
        case Change.AddGroup c -> checkSize(change, c.group());
        case Change.ModifyGroup c -> checkSize(change, c.group());
        default -> {}
      }
      steps.addAll(Messages.split(change));
    }
    return steps;
  }

  private static void checkSize(Change change, Group group) throws RefusedException {
    int bytes = Messages.groupBytes(group);
    if (bytes > Messages.MAX_GROUP_BYTES) {
      throw new RefusedException(
          "group %s of %d buckets takes %d bytes; above %d Open vSwitch ends itself when its groups are dumped: spread the buckets over several groups"
              .formatted(
                  Integer.toUnsignedString(group.id()),
                  group.buckets().size(),
                  bytes,
                  Messages.MAX_GROUP_BYTES),
          GROUP_TOO_LARGE,
          Optional.of(change));
    }
  }

  static Bundle of(int id, int firstXid, List<Change> steps, List<Change> changes) {
    return new Bundle(id, firstXid, steps, changes);
  }

  void appendTo(ByteBuf out, Sender.Batch batch) throws IOException {
    for (int i = 0; i < steps.size(); i++) {
      Messages.bundleAdd(out, firstXid + i, id, steps.get(i));
      batch.more();
    }
  }

  boolean covers(int xid) {
    return Integer.compareUnsigned(xid - firstXid, steps.size()) < 0;
  }

  /** Keeps the first error; those after it are mostly its consequences. */
  synchronized void refused(int xid, OpenFlowError error) {
    if (failure == null) {
      failure = new Failure(xid - firstXid, error);
    }
  }

  /** What the switch said against one of the changes, if anything. */
  synchronized Optional<RefusedException> refusal(String name) {
    if (failure == null) {
      return Optional.empty();
    }
    Change step = steps.get(failure.index);
    return Optional.of(
        new RefusedException(
            "%s refused %s, and with it all %d changes of the bundle: %s"
                .formatted(name, OvsText.of(step), changes.size(), failure.error.name()),
            failure.error.name(),
            Optional.of(step)));
  }
}
