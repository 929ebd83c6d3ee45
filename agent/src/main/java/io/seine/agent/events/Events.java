package io.seine.agent.events;

import io.seine.agent.kube.ObjectRef;

/**
 * Tells users about an object. Methods return at once and never fail: an event that cannot be
 * delivered is counted and dropped. Any thread may call them.
 */
public interface Events {
  /** Something went as it should, and is worth telling. */
  void normal(ObjectRef object, String reason, String message);

  /** Something needs attention. */
  void warning(ObjectRef object, String reason, String message);
}
