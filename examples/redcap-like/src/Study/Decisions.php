<?php

// The decisions on pending values: as the form sent them, or as the preselection rules suggest them.

declare(strict_types=1);

namespace App\Study;

use App\Web\Denied;
use App\Web\Http;
use FhirEhr\StagedRow;

final class Decisions
{
    /** One or more values of StagedRow::$decision, separated by spaces. */
    private const NAMES = '[\w~.-]{1,200}(?: [\w~.-]{1,200})*';

    /**
     * @param list<string> $accept
     * @param list<string> $reject
     */
    private function __construct(
        public readonly array $accept,
        public readonly array $reject,
    ) {}

    /**
     * Accepts the values that the rules preselect, at most one for each choice.
     *
     * @param list<Place> $places
     */
    public static function preselected(array $places): self
    {
        $accept = [];
        foreach ($places as $place) {
            foreach ($place->choices() as $rows) {
                $marked = array_filter($rows, static fn(StagedRow $row): bool => $row->preselected);
                $accept = [...$accept, ...array_slice(array_column($marked, 'decision'), 0, 1)];
            }
        }
        return new self($accept, []);
    }

    /**
     * Reads the form. decision[N] is "later", "accept:VALUE" or "reject:VALUES". others[N] is "VALUES": those that were not
     * accepted are rejected. The form names each value that the user saw, so values that arrived later are not decided.
     */
    public static function posted(): self
    {
        $others = Http::parameters('others');
        [$accept, $reject] = [[], []];
        foreach (array_diff(Http::parameters('decision'), ['later']) as $number => $decision) {
            if (preg_match('/^(accept|reject):(' . self::NAMES . ')$/D', $decision, $parts) !== 1) {
                throw new Denied(400, 'Invalid form', 'The form contains an invalid decision. Nothing was saved. Load the page again and repeat your choices.');
            }
            $named = explode(' ', $parts[2]);
            if ($parts[1] === 'accept') {
                array_push($accept, ...$named);
                $named = array_diff(explode(' ', $others[$number] ?? ''), ['', ...$named]);
            }
            array_push($reject, ...array_values($named));
        }
        return new self($accept, $reject);
    }

    public function on(StagedRow $row): string
    {
        return match (true) {
            in_array($row->decision, $this->accept, true) => 'accepted',
            in_array($row->decision, $this->reject, true) => 'rejected',
            default => 'later',
        };
    }
}
