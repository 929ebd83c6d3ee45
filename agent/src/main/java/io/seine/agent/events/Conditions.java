package io.seine.agent.events;

import io.seine.agent.kube.Condition;
import io.seine.agent.kube.ObjectRef;

/**
 * Writes conditions into the status of objects. Methods return at once and never fail; of one
 * object the last condition counts. Any thread may call them.
 */
public interface Conditions {
  /** For those who want nothing of it. */
  Conditions NONE =
      new Conditions() {
        @Override
        public void write(ObjectRef object, Condition condition) {}

        @Override
        public void forget(ObjectRef object) {}
      };

  /** The object's status is to have this condition. */
  void write(ObjectRef object, Condition condition);

  /** What has not been written yet need not be. */
  void forget(ObjectRef object);
}
