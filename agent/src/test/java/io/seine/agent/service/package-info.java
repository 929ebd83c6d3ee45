@NullMarked
package io.seine.agent.service;

import org.jspecify.annotations.NullMarked;
