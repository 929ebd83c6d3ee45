/**
 * Network policy as Kubernetes means it: from namespaces, pods, nodes and policies as the API has
 * them to the rules, subjects and sets of addresses that concern one node. What concerns no pod of
 * the node is kept as the API said it and costs nothing else.
 */
@NullMarked
package io.seine.agent.policy;

import org.jspecify.annotations.NullMarked;
