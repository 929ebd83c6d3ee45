package io.seine.agent.events;

import io.seine.agent.kube.ObjectRef;

/**
 * Something that is wrong with an object, so that it cannot be served as it stands.
 *
 * @param reason one word in CamelCase, for machines
 * @param message one sentence for people: what is wrong and what follows from it
 */
public record Problem(ObjectRef object, String reason, String message) {}
