package io.seine.agent.kube;

/** How the reading of one kind of object fares. Safe for any thread. */
public final class InformerState {
  private final String kind;
  private boolean synced;
  private boolean failing;
  private String error = "";
  private int objects;
  private long lists;
  private long events;
  private long failures;

  InformerState(String kind) {
    this.kind = kind;
  }

  /**
   * @param synced whether a list has been complete once
   * @param error why the API cannot be read right now, or empty
   * @param objects how many are known
   * @param lists, {@code events}, {@code failures} how often, since the start
   */
  public record Report(
      String kind,
      boolean synced,
      String error,
      int objects,
      long lists,
      long events,
      long failures) {}

  public synchronized Report report() {
    return new Report(kind, synced, error, objects, lists, events, failures);
  }

  /** Returns whether it is the first failure after a success. */
  synchronized boolean failed(String message) {
    boolean first = !failing || !message.equals(error);
    failing = true;
    error = message;
    failures++;
    return first;
  }

  /** Returns whether it is the first complete list. */
  synchronized boolean listed(int count) {
    boolean first = !synced;
    synced = true;
    failing = false;
    error = "";
    objects = count;
    lists++;
    return first;
  }

  synchronized void changed(int count) {
    objects = count;
    events++;
  }
}
