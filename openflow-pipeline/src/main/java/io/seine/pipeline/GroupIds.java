package io.seine.pipeline;

import io.seine.openflow.Action;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gives each service port its group id: a hash of its name, so that it is the same after a restart
 * without being stored.
 *
 * <p>When two names hash alike, the later one takes the next free id. Which of them came first may
 * differ after a restart, so {@link #adopt} tells the allocator what the switch has; the reconciler
 * does that before it compiles anything. Any thread may call.
 */
public final class GroupIds {
  /** Ids are 1 to this; the ones above are reserved (OpenFlow 1.5, section 7.2.7). */
  private static final int MAX = 0xfffffeff;

  private static final int PROBES = 64;

  private final Map<Integer, Long> nameById = new HashMap<>();
  private final Map<Long, Integer> displaced = new HashMap<>();
  private final Map<Long, Integer> found = new HashMap<>();

  /** The group that a flow with these actions goes to, at once or after Affinity was asked. */
  public static OptionalInt usedBy(List<Action> actions) {
    for (Action action : actions) {
      if (action instanceof Action.Group group) {
        return OptionalInt.of(group.groupId());
      }
      if (action instanceof Action.SetField set
          && set.field().equals(Registers.GROUP.range().field())) {
        return OptionalInt.of((int) set.value().toLong());
      }
    }
    return OptionalInt.empty();
  }

  /** Remembers that in the switch the flow with this key uses this group. */
  public synchronized void adopt(long flowKey, int groupId) {
    found.put(flowKey, groupId);
  }

  /** Drops what {@link #adopt} was told and no one asked for. */
  public synchronized void endAdoption() {
    found.clear();
  }

  /**
   * The id of the group with this name, always the same one until it is released.
   *
   * @param flowKey fingerprint of the key of a flow that uses the group
   */
  public synchronized int idOf(String name, long flowKey) {
    long print = Fingerprint.of(name);
    Integer other = displaced.get(print);
    if (other != null) {
      return other;
    }
    int home = home(print);
    if (holds(home, print)) {
      return home;
    }
    int id =
        Optional.ofNullable(found.remove(flowKey))
            .filter(f -> reachable(home, f) && !nameById.containsKey(f))
            .orElseGet(() -> firstFree(home));
    nameById.put(id, print);
    if (id != home) {
      displaced.put(print, id);
    }
    return id;
  }

  /** Frees an id whose group is gone from the switch. */
  public synchronized void release(int id) {
    Long print = nameById.remove(id);
    if (print != null) {
      displaced.remove(print);
    }
  }

  private boolean holds(int id, long print) {
    Long holder = nameById.get(id);
    return holder != null && holder == print;
  }

  private static boolean reachable(int home, int id) {
    int probe = home;
    for (int i = 0; i < PROBES; i++) {
      if (probe == id) {
        return true;
      }
      probe = next(probe);
    }
    return false;
  }

  private int firstFree(int home) {
    int id = home;
    while (nameById.containsKey(id)) {
      id = next(id);
    }
    return id;
  }

  private static int home(long print) {
    return 1 + (int) Long.remainderUnsigned(print, Integer.toUnsignedLong(MAX));
  }

  private static int next(int id) {
    return id == MAX ? 1 : id + 1;
  }
}
