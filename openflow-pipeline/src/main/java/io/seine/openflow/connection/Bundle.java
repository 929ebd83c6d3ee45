package io.seine.openflow.connection;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.Change;
import io.seine.openflow.OvsText;
import io.seine.openflow.RefusedException;
import io.seine.openflow.wire.Messages;
import io.seine.openflow.wire.OpenFlowError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
   * @throws RefusedException for a group that would make the switch end itself later. What a group
   *     had before the bundle is not known here; who inserts into one has to know.
   */
  static List<Change> steps(List<Change> changes) throws RefusedException {
    List<Change> steps = new ArrayList<>(changes.size());
    Map<Integer, Integer> groupBytes = new HashMap<>();
    for (Change change : changes) {
      switch (change) {
        case Change.AddGroup c -> {
          groupBytes.put(c.group().id(), Messages.groupBytes(c.group()));
          checkSize(change, c.group().id(), groupBytes);
        }
        case Change.ModifyGroup c -> {
          groupBytes.put(c.group().id(), Messages.groupBytes(c.group()));
          checkSize(change, c.group().id(), groupBytes);
        }
        case Change.InsertBuckets c -> {
          groupBytes.merge(c.groupId(), Messages.bucketBytes(c.type(), c.buckets()), Integer::sum);
          checkSize(change, c.groupId(), groupBytes);
        }
        case Change.DeleteGroup c -> groupBytes.remove(c.groupId());
        default -> {}
      }
      steps.addAll(Messages.split(change));
    }
    return steps;
  }

  private static void checkSize(Change change, int group, Map<Integer, Integer> groupBytes)
      throws RefusedException {
    int bytes = groupBytes.getOrDefault(group, 0);
    if (bytes > Messages.MAX_GROUP_BYTES) {
      throw new RefusedException(
          "group %s takes %d bytes; above %d Open vSwitch ends itself when its groups are dumped: spread the buckets over several groups"
              .formatted(Integer.toUnsignedString(group), bytes, Messages.MAX_GROUP_BYTES),
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
