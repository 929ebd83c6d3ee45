package io.seine.agent.facts;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.service.Services;
import io.seine.agent.service.Translation;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.reconcile.Reconciler;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The facts about services, and what becomes of them. Used by the fact loop's thread only. */
final class ServiceFacts {
  private final Services services;
  private final ServiceSink sink;
  private final Reconciler reconciler;
  private final GroupIds groupIds;
  private final Latency latency;
  private final BiConsumer<Owner, List<Problem>> report;

  ServiceFacts(
      Services services,
      ServiceSink sink,
      Reconciler reconciler,
      GroupIds groupIds,
      Latency latency,
      BiConsumer<Owner, List<Problem>> report) {
    this.services = services;
    this.sink = sink;
    this.reconciler = reconciler;
    this.groupIds = groupIds;
    this.latency = latency;
    this.report = report;
  }

  Services known() {
    return services;
  }

  /** Every service that the API had has been handed over. */
  void complete() {
    sink.complete();
  }

  /**
   * Translates every service that a change concerns, and wishes the outcome.
   *
   * @param arrival when the first of the changes came
   */
  void flush(long arrival) {
    Guard.each(services.takeDirty(), key -> service(key, arrival));
  }

  private void service(ObjectKey key, long arrival) {
    Optional<Translation> translation = services.translate(key);
    Owner owner = new Owner.Service(key.namespace(), key.name());
    Optional<ServiceFact> fact = translation.flatMap(Translation::fact);
    latency.wished(owner, arrival);
    if (fact.isPresent()) {
      ServiceFact wanted = fact.get();
      reconciler.put(owner, () -> ServiceCompiler.compile(wanted, groupIds));
    } else {
      reconciler.remove(owner);
    }
    Optional<ObjectRef> ref = services.ref(key);
    if (ref.isPresent() && translation.isPresent()) {
      sink.put(ref.get(), translation.get());
    } else {
      sink.remove(key);
    }
    report.accept(owner, translation.map(Translation::problems).orElse(List.of()));
  }
}
