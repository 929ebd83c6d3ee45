package io.seine.agent.facts;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.service.Translation;

/**
 * Takes what services need beside the switch. Called on the loop's thread; methods return at once.
 */
public interface ServiceSink {
  /** For those who want nothing of it. */
  ServiceSink NONE =
      new ServiceSink() {
        @Override
        public void put(ObjectRef service, Translation translation) {}

        @Override
        public void remove(ObjectKey service) {}

        @Override
        public void complete() {}
      };

  /** All that is known of a service now. */
  void put(ObjectRef service, Translation translation);

  void remove(ObjectKey service);

  /** Every service that the API had has been handed over. Once. */
  void complete();
}
