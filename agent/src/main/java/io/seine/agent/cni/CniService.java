package io.seine.agent.cni;

import io.grpc.Deadline;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;

/** Answers CNI requests. Called by any number of threads. */
@FunctionalInterface
public interface CniService {
  /**
   * Answers by the deadline or a step later; never throws for what a request can cause.
   *
   * @throws io.grpc.StatusRuntimeException if the caller shall act as without an agent
   */
  InvokeReply invoke(InvokeRequest request, Deadline deadline);
}
