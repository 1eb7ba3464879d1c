/// How an application is tested: what the documentation shows, compiled and run.
@NullMarked
package org.ferrisdb.testkit.example;

import org.jspecify.annotations.NullMarked;
