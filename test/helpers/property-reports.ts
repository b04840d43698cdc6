/** Property tests say why the value failed, not only which: a fault of a moment may not come again with the same value. */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), includeErrorInReport: true });
